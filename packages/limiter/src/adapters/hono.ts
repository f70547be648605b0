import type { Context, MiddlewareHandler } from 'hono'
import { matchedRoutes } from 'hono/route'
import type { StatusCode } from 'hono/utils/http-status'
import type { HttpAnswer } from '../http/answer.ts'
import type { Gate } from '../middleware/gate.ts'
import { isPromiseLike } from '../middleware/maybe-promise.ts'
import { type RateLimit, rateLimitFor } from '../middleware/rate-limit.ts'
import { platformPeer } from './platform-peer.ts'
import { WebExchange } from './web-exchange.ts'
import { bodyOf } from './web-response.ts'

/**
 * Rate limits as middleware of Hono, for an application, a path or a route.
 *
 * ```ts
 * app.use(rateLimit({ limit: '100/min' }))
 * app.post('/login', rateLimit({ limit: '5/15m', skipSuccessful: true }), login)
 * ```
 *
 * The peer is known under Node, Bun and Deno. Elsewhere name the client by `key`, or the header field that your platform sets:
 * `trustedProxies: ['unix'], addressHeader: 'cf-connecting-ip'` in Workers.
 */
export const rateLimit: RateLimit<Context, MiddlewareHandler> = rateLimitFor(toMiddleware)

class HonoExchange extends WebExchange<Context> {
  override get peer(): string | undefined {
    return peerOf(this.request)
  }

  override get route(): string | undefined {
    return routeOf(this.request)
  }
}

function toMiddleware(gate: Gate<Context>): MiddlewareHandler {
  return async function headgate(context, next) {
    const exchange = new HonoExchange(context, context.req.raw)
    const passed = gate.pass(exchange)
    const answer = isPromiseLike(passed) ? await passed : passed
    if (answer !== null) return exchange.finish(denied(context, answer))
    await exchange.run(next)
    const { res } = context
    const finished = exchange.finish(res)
    if (finished !== res) context.res = finished
    return undefined
  }
}

/** Made by the context, so that header fields of middleware before stay. */
function denied(context: Context, answer: HttpAnswer): Response {
  return context.newResponse(bodyOf(answer), answer.status as StatusCode, answer.headers)
}

/** Bindings are what the runtime passes, or have Bun's server as `server`. */
function peerOf({ env, req }: Context): string | undefined {
  return platformPeer(req.raw, env) ?? platformPeer(req.raw, env?.server)
}

/**
 * Pattern of the route that is going to answer: the first from here that was registered for a method, as `app.get` does, or
 * the last of all, as `app.all` and `app.use` register for every method.
 */
function routeOf(context: Context): string | undefined {
  const routes = matchedRoutes(context)
  const ahead = routes.slice(context.req.routeIndex)
  const route = ahead.find(({ method }) => method !== 'ALL') ?? ahead.at(-1)
  return route?.path
}
