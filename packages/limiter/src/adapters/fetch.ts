import type { Gate } from '../middleware/gate.ts'
import { type RateLimit, rateLimitFor } from '../middleware/rate-limit.ts'
import { RequestLimits } from '../middleware/request-limits.ts'
import { platformPeer } from './platform-peer.ts'
import { WebExchange } from './web-exchange.ts'
import { responseOf } from './web-response.ts'

/**
 * Limits a handler of web requests; what comes beside the request (Deno's `info`, Bun's `server`, the `env` and `ctx` of
 * Workers, the `context` of Next) reaches it unchanged. `peer` tells the address of the connection where the platform is none
 * of Deno, Bun and `@hono/node-server`, which are understood without it.
 */
export type FetchRateLimit = <
  Req extends Request,
  Rest extends unknown[],
  Res extends Response | undefined = Response,
>(
  handler: (request: Req, ...rest: Rest) => Res | PromiseLike<Res>,
  peer?: (request: Req, ...rest: Rest) => string | null | undefined,
) => (request: Req, ...rest: Rest) => Promise<Res | Response>

/**
 * Rate limits for whatever serves web requests: Deno, Bun, Workers, and servers that build on the same types.
 *
 * ```ts
 * const limited = rateLimit({ limit: '100/min' })
 * Deno.serve(limited(() => new Response('hello')))
 * Bun.serve({ fetch: limited(() => new Response('hello')) })
 * ```
 *
 * Workers do not tell the peer of a connection, but Cloudflare sets a header field to it:
 *
 * ```ts
 * rateLimit({ limit: '100/min', trustedProxies: ['unix'], addressHeader: 'cf-connecting-ip' })
 * ```
 */
export const rateLimit: RateLimit<Request, FetchRateLimit> = rateLimitFor(limitHandlers)

class FetchExchange<R extends Request> extends WebExchange<R> {
  readonly #peer: () => string | null | undefined

  constructor(request: R, peer: () => string | null | undefined) {
    super(request, request)
    this.#peer = peer
  }

  override get peer(): string | undefined {
    // What headers.get gives where there is no such field.
    return this.#peer() ?? undefined
  }
}

/** Middleware for handlers whose requests are an `R` at run time, whatever type they give them. */
export function limitHandlers<R extends Request>(gate: Gate<R>): FetchRateLimit {
  return (handler, peer = (request, ...[platform]) => platformPeer(request, platform)) =>
    async function headgate(request, ...rest) {
      const isOutermost = RequestLimits.find(request) === null
      try {
        const exchange = new FetchExchange(request as Request as R, () => peer(request, ...rest))
        const answer = await gate.pass(exchange)
        if (answer !== null) return exchange.finish(responseOf(answer))
        const response = await exchange.run(() => handler(request, ...rest))
        if (response !== undefined) return exchange.finish(response)
        // Bun's handlers return nothing where they upgrade the connection.
        exchange.end({ status: 101, aborted: false, bytes: 0 })
        return response
      } finally {
        // Whoever passes the same object again, as tests do, makes another request.
        if (isOutermost) RequestLimits.forget(request)
      }
    }
}
