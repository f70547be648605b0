import { z } from 'zod'
import { show } from '../unknown-name.ts'
import { optional, strictMap } from './strict-map.ts'
import { duration, match, onStoreError, rate, whole } from './values.ts'

const ruleNumbers = {
  algorithm: z.string(),
  burst: whole,
  segments: whole,
  align: z.enum(['first-hit', 'epoch', 'calendar']),
  timezone: z.string(),
}
const rule = strictMap({ ...optional({ name: z.string(), ...ruleNumbers }), limit: rate })
const ruleChanges = z.record(z.string(), strictMap(optional({ ...ruleNumbers, limit: rate })))

const percentage = z.string().refine(isPercentage, {
  error: ({ input }) => `${show(input)} is not a share; write it as 0% to 100%`,
})

const headers = z.record(z.string(), z.string())

/** Most durations of a ban. */
const BANS_MAX = 16

/** What stands under each item of `policies`. */
export const policyShape = strictMap({
  name: z.string(),
  rules: z.array(z.union([z.string(), rule])),
  ...optional({
    match,
    key: z.union([z.string(), z.array(z.string())]),
    overrides: z.array(strictMap({ match, rules: ruleChanges })),
    choose: strictMap({ group: z.string(), ...optional({ priority: whole, by: z.literal('path') }) }),
    cost: z.union([whole, z.string()]),
    count: strictMap({
      status: z
        .array(z.union([whole, z.string()]))
        .min(1)
        .max(100),
    }),
    missing: z.enum(['ip', 'skip', 'refuse']),
    ipv6Prefix: whole.min(32).max(128),
    mode: z.enum(['enforce', 'shadow', 'off']),
    shadow: strictMap({ rules: ruleChanges, ...optional({ rollout: percentage }) }),
    rollout: percentage,
    overdraw: z.boolean(),
    ban: z.array(duration).min(1).max(BANS_MAX),
    lease: strictMap({ max: whole.min(1), ...optional({ lifetime: duration }) }),
    onStoreError,
    headers,
    response: strictMap(optional({ status: whole, body: z.string(), headers })),
    store: z.string(),
  }),
})

/** A policy as the file writes it: the library's, and what the service adds. */
export type FilePolicy = z.output<typeof policyShape>

function isPercentage(text: string): boolean {
  return /^\d{1,3}(\.\d{1,3})?%$/.test(text) && Number.parseFloat(text) <= 100
}
