import { z } from 'zod'
import { PRESETS } from '../../service/proxy-settings/hardening-settings.ts'
import { optional, strictMap } from './strict-map.ts'
import { duration } from './values.ts'

const names = z.array(z.string().min(1))

/** What stands under `hardening`: a preset, with changes to it; or `off`. */
export const proxyHardeningShape = z.union([
  z.enum([...PRESETS, 'off']),
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
])

/** Hardening as a file has it. */
export type HardeningShape = z.output<typeof proxyHardeningShape>
