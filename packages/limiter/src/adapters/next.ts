import { type RateLimit, rateLimitFor } from '../middleware/rate-limit.ts'
import { type FetchRateLimit, limitHandlers } from './fetch.ts'

/** What a `NextRequest` has beyond the `Request` of the web, as far as limits ask for it. */
export interface NextRequestFields {
  readonly cookies: { get(name: string): { readonly value: string } | undefined }
  readonly nextUrl: { readonly pathname: string; readonly searchParams: URLSearchParams }
}

/**
 * Rate limits for route handlers of Next 15 and 16, and for its `proxy.ts` (before 16: `middleware.ts`).
 *
 * ```ts
 * // app/api/items/route.ts
 * export const GET = rateLimit({ limit: '100/min' })(() => Response.json(items))
 * // proxy.ts
 * export const proxy = rateLimit({ limit: '1000/min' })(() => NextResponse.next())
 * ```
 *
 * Next does not tell the peer of a connection: name the client by `key`, or the header field that your platform sets in place of
 * what it was sent, as in `trustedProxies: ['unix'], addressHeader: 'x-real-ip'`. `next start` on its own lets clients write
 * `X-Forwarded-For`.
 *
 * The proxy answers apart from the route behind it: where both limit, clients read the header fields of the proxy, and a route
 * that denies gives back nothing that the proxy spent. Nor does the proxy see the response of the route: `charge`,
 * `skipSuccessful`, `skipFailed` and `adaptive` belong on route handlers.
 */
export const rateLimit: RateLimit<Request & NextRequestFields, FetchRateLimit> = rateLimitFor(limitHandlers)
