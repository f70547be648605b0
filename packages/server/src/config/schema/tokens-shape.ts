import { z } from 'zod'
import { SCOPES } from '../../service/access/scope.ts'
import { optional, strictMap } from './strict-map.ts'
import { rate } from './values.ts'

const pattern = z.string().min(1).max(128)

/** What stands under `tokens`: who may call the service. */
export const tokensShape = z
  .array(
    strictMap({
      name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, {
        error: 'is not a name; use up to 64 letters, digits and . _ -',
      }),
      // The value is not repeated: somebody may have put the token itself there.
      hash: z.string().regex(/^sha256:[0-9a-f]{64}$/, {
        error: 'is not the hash of a token; "headgate key new" prints one, which begins with sha256:',
      }),
      scopes: z.array(z.enum(SCOPES)).min(1),
      ...optional({
        domains: z.array(pattern).min(1),
        policies: z.array(pattern).min(1),
        limit: rate,
      }),
    }),
  )
  .max(10_000)
