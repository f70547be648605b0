import { z } from 'zod'
import { optional, strictMap } from './strict-map.ts'

/** What stands under `http`: what answers look like. */
export const httpShape = strictMap(
  optional({
    headers: z.enum(['draft', 'legacy', 'both', 'none']),
    reset: z.enum(['delta', 'epoch']),
    denial: z.enum(['problem', 'json', 'text']),
  }),
)
