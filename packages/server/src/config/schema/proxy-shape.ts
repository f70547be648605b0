import { z } from 'zod'
import { byteSize } from './byte-size.ts'
import { proxyAuthShape, requireShape, scopesShape } from './proxy-auth-shape.ts'
import { proxyCorsShape } from './proxy-cors-shape.ts'
import { proxyHardeningShape } from './proxy-hardening-shape.ts'
import { proxyRemoteShape } from './proxy-remote-shape.ts'
import { proxyRequestShape } from './proxy-request-shape.ts'
import { proxyUpstreamShape } from './proxy-upstream-shape.ts'
import { optional, strictMap } from './strict-map.ts'

const method = z.string().regex(/^[A-Z][A-Z-]{0,31}$/, {
  error: 'is not a method; methods are in upper case, as GET',
})

/** What a route may say otherwise than all routes. */
const ofRoutes = optional({
  upstream: proxyUpstreamShape,
  require: z.union([z.literal('none'), requireShape]),
  scopes: scopesShape,
  methods: z.array(method).min(1).max(100),
  maxBody: byteSize,
  webSocket: z.boolean(),
  hardening: proxyHardeningShape,
})

/** A path by its segments, without what would be read in several ways. */
const path = z.string().regex(/^\/[^?#*\\]*$/, {
  error: 'is not the beginning of a path; write it as /api, which is /api and all below it',
})

const route = strictMap({ path, ...ofRoutes })

const ROUTES_MAX = 1000

/** What stands under `proxy`: the edge proxy. */
export const proxyShape = strictMap({
  ...ofRoutes,
  ...proxyRequestShape,
  ...proxyAuthShape,
  ...optional({
    routes: z.array(route).max(ROUTES_MAX),
    cors: proxyCorsShape,
    service: proxyRemoteShape,
    http2: z.boolean(),
    accessLog: z.boolean(),
  }),
})

/** The proxy as a file writes it. */
export type FileProxy = z.output<typeof proxyShape>

/** A route as a file writes it. */
export type FileRoute = z.output<typeof route>
