import type { Request, RequestHandler } from 'express'
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

/**
 * `/api/users/:id`: the pattern of the route behind the path that its router is mounted at; undefined before routing. Express tells
 * that path as it was sent, and finds the router whatever its case is, so that it is in lower case here. Parameters in it stay as
 * they were sent.
 */
export function routeOf({ baseUrl, route }: Request): string | undefined {
  const pattern: unknown = route?.path
  return pattern === undefined ? undefined : `${baseUrl.toLowerCase()}${String(pattern)}`
}
