import type { Request, RequestHandler } from 'express'
import { getOrAdd } from '../core/get-or-add.ts'
import type { Gate } from '../middleware/gate.ts'
import { andThen, isPromiseLike } from '../middleware/maybe-promise.ts'
import { type RateLimit, rateLimitFor } from '../middleware/rate-limit.ts'
import { NodeExchange, sendAnswer } from './node-exchange.ts'

/**
 * Rate limits as middleware of Express 4 and 5, for an application, a router or a route.
 *
 * ```ts
 * app.use(rateLimit({ limit: '100/min' }))
 * app.post('/login', rateLimit({ limit: '5/15m', skipSuccessful: true }), login)
 * ```
 */
export const rateLimit: RateLimit<Request, RequestHandler> = rateLimitFor(toMiddleware, {
  // Unless an application or a router says otherwise; a limit that ignores case then joins more than it has to.
  ignoresCase: true,
})

function toMiddleware(gate: Gate<Request>): RequestHandler {
  return function headgate(request, response, next) {
    const exchange = new NodeExchange({
      request,
      incoming: request,
      response,
      target: request.originalUrl,
      route: () => routeOf(request),
    })
    try {
      const passed = andThen(gate.pass(exchange), (answer) =>
        answer === null ? next() : sendAnswer(response, answer),
      )
      if (isPromiseLike(passed)) passed.then(undefined, next)
    } catch (error) {
      next(error)
    }
  }
}

/** `/api/users/:id`: the pattern of the route behind the path that its router is mounted at; undefined before routing. */
export function routeOf({ baseUrl, route }: Request): string | undefined {
  const pattern: unknown = route?.path
  return pattern === undefined ? undefined : `${mountOf(route, baseUrl)}${String(pattern)}`
}

/** Most paths that one router is told apart by: where there are more, it is mounted at a path with parameters. */
const MOUNTS_MAX = 8
const mounts = new WeakMap<object, Set<string>>()

/**
 * Where the router of a route is mounted. Express tells this path as the client sent it, and not its pattern: it must not make a
 * budget of each spelling, nor of each value of a parameter.
 */
function mountOf(route: object, baseUrl: string): string {
  const path = baseUrl.toLowerCase()
  const known = getOrAdd(mounts, route, () => new Set())
  if (!known.has(path) && known.size >= MOUNTS_MAX) return '*'
  known.add(path)
  return path
}
