import { z } from 'zod'
import { optional, strictMap } from './strict-map.ts'

/** What stands under `runtime`: what may be changed while the service runs. */
export const runtimeShape = strictMap(optional({ policies: z.boolean() }))
