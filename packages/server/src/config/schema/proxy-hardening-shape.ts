import { z } from 'zod'
import { PRESETS } from '../../service/proxy-settings/hardening-settings.ts'
import { show } from '../unknown-name.ts'
import { optional, strictMap } from './strict-map.ts'
import { duration } from './values.ts'

const CHOICES = [...PRESETS, 'off'] as const

const names = z.array(z.string().min(1))

/** What stands under `hardening`: a preset, with changes to it; or `off`. */
export const proxyHardeningShape = z.union(
  [
    z.enum(CHOICES),
    strictMap(
      optional({
        preset: z.enum(PRESETS),
        contentSecurityPolicy: z.union([z.string().min(1), z.literal(false)]),
        reportOnly: z.boolean(),
        reportPath: z.string(),
        strictTransportSecurity: z.union([
          z.literal(false),
          strictMap(optional({ maxAge: duration, includeSubDomains: z.boolean(), preload: z.boolean() })),
        ]),
        cookies: z.union([
          z.literal(false),
          strictMap(
            optional({
              secure: z.boolean(),
              sameSite: z.union([z.enum(['lax', 'strict']), z.literal(false)]),
              readable: names,
              exempt: names,
            }),
          ),
        ]),
        remove: names,
        keep: names,
      }),
    ),
  ],
  {
    error: ({ input }) =>
      typeof input === 'string' ? `${show(input)} is not one of ${CHOICES.join(', ')}` : undefined,
  },
)

/** Hardening as a file has it. */
export type HardeningShape = z.output<typeof proxyHardeningShape>
