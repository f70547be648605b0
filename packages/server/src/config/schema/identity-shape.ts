import { z } from 'zod'
import { optional, strictMap } from './strict-map.ts'
import { duration, fileName } from './values.ts'

const ALGORITHMS = [
  ...(['HS256', 'HS384', 'HS512', 'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const),
  ...(['ES256', 'ES384', 'ES512', 'EdDSA'] as const),
]

/** What stands under `jwt`: how bearer tokens are verified. */
export const jwtShape = strictMap({
  algorithms: z.array(z.enum(ALGORITHMS)).min(1),
  ...optional({
    key: z.string(),
    keyFile: fileName,
    secret: z.string(),
    jwksUrl: z.string(),
    issuer: z.union([z.string(), z.array(z.string()).min(1)]),
    audience: z.union([z.string(), z.array(z.string()).min(1)]),
    clockTolerance: duration,
    header: z.string().regex(/^[A-Za-z][A-Za-z0-9-]{0,63}$/),
  }),
})

/** What stands under `trustedProxies`. */
export const proxiesShape = z.array(z.string())
