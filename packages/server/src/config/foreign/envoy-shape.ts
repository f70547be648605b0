import { z } from 'zod'
import { UINT32_MAX } from '../../service/envoy/messages.ts'
import { LIMIT_UNITS } from '../../service/envoy/units.ts'
import { optional, strictMap } from '../schema/strict-map.ts'
import { whole } from '../schema/values.ts'
import { show } from '../unknown-name.ts'

const UNITS = LIMIT_UNITS.map((unit) => unit.toLowerCase())

const rateLimit = strictMap(
  optional({
    name: z.string(),
    unit: z.string().refine((text) => UNITS.includes(text.toLowerCase()), {
      error: ({ input }) => `${show(input)} is not a unit; use ${UNITS.join(', ')}`,
    }),
    requests_per_unit: whole.min(0).max(UINT32_MAX),
    unlimited: z.boolean(),
    replaces: z.array(strictMap({ name: z.string() })),
  }),
)

/** A limit as the file has it. */
export type EnvoyLimit = z.output<typeof rateLimit>

/** A descriptor as the file has it. */
export interface EnvoyDescriptor {
  readonly key: string
  readonly value?: string
  readonly rate_limit?: EnvoyLimit
  readonly shadow_mode?: boolean
  readonly quota_mode?: boolean
  readonly detailed_metric?: boolean
  readonly value_to_metric?: boolean
  readonly share_threshold?: boolean
  readonly metadata?: Readonly<Record<string, unknown>>
  readonly descriptors?: readonly EnvoyDescriptor[]
}

const descriptor: z.ZodType<EnvoyDescriptor> = z.lazy(() =>
  strictMap({
    key: z.string(),
    ...optional({
      value: z.string(),
      rate_limit: rateLimit,
      shadow_mode: z.boolean(),
      quota_mode: z.boolean(),
      detailed_metric: z.boolean(),
      value_to_metric: z.boolean(),
      share_threshold: z.boolean(),
      metadata: z.record(z.string(), z.unknown()),
      descriptors: z.array(descriptor),
    }),
  }),
)

/** A file of envoyproxy/ratelimit. */
export const envoyShape = strictMap({
  domain: z.string(),
  ...optional({ descriptors: z.array(descriptor) }),
})

/** A file of envoyproxy/ratelimit whose names and types are right. */
export type EnvoyShape = z.output<typeof envoyShape>
