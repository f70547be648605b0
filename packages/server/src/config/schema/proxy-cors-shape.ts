import { z } from 'zod'
import { optional, strictMap } from './strict-map.ts'
import { duration } from './values.ts'

/** What stands under `cors`: which pages of other origins may send requests, and read what comes back. */
export const proxyCorsShape = strictMap({
  origins: z.union([z.literal('*'), z.array(z.string()).min(1)]),
  ...optional({
    methods: z.array(z.string()).min(1),
    headers: z.array(z.string()),
    expose: z.array(z.string()),
    credentials: z.boolean(),
    maxAge: duration,
  }),
})

/** CORS as a file has it. */
export type CorsShape = z.output<typeof proxyCorsShape>
