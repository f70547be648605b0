import { z } from 'zod'
import { optional, strictMap } from '../schema/strict-map.ts'
import { whole } from '../schema/values.ts'
import { show } from '../unknown-name.ts'
import { exactRate } from './exact-rate.ts'

const flow = z
  .string({ error: ({ input }) => (input == null ? undefined : `${show(input)} is not a number`) })
  .refine((text) => exactRate(text) !== null, {
    error: ({ input }) =>
      `${String(input)} is not a rate; write a number above 0 with up to nine digits behind the point`,
  })

const filled = z.string().min(1, { error: 'is empty; give it a name' })

const policies = z
  .array(strictMap({ name: filled, flow_rate_per_second: flow, burst_capacity: whole.min(1) }))
  .min(1)

/** The limits of a domain and prefix, as the file has them. */
export type LimitrPolicies = z.output<typeof policies>

/** A file of limitr. */
export const limitrShape = strictMap({
  domains: z.array(strictMap({ domain: filled, prefix: filled, policies })),
  ...optional({ default: strictMap({ policies, ...optional({ domain: z.string(), prefix: z.string() }) }) }),
})

/** A file of limitr whose names and types are right. */
export type LimitrShape = z.output<typeof limitrShape>
