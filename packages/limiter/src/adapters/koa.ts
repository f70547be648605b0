import type { Context, Middleware } from 'koa'
import type { Gate } from '../middleware/gate.ts'
import { type RateLimit, rateLimitFor } from '../middleware/rate-limit.ts'
import { NodeExchange } from './node-exchange.ts'

/**
 * Rate limits as middleware of Koa, for an application, or a router or route of `@koa/router`.
 *
 * ```ts
 * app.use(rateLimit({ limit: '100/min' }))
 * router.post('/login', rateLimit({ limit: '5/15m', skipSuccessful: true }), login)
 * ```
 */
export const rateLimit: RateLimit<Context, Middleware> = rateLimitFor(toMiddleware, {
  // Unless a router is `sensitive`; a limit that ignores case then joins more than it has to.
  ignoresCase: true,
})

function toMiddleware(gate: Gate<Context>): Middleware {
  return async function headgate(context, next) {
    const { req, res, originalUrl } = context
    const answer = await gate.pass(
      new NodeExchange({
        request: context,
        incoming: req,
        response: res,
        target: originalUrl,
        route: () => routeOf(context),
      }),
    )
    if (answer === null) return next()
    context.set(answer.headers)
    context.body = answer.body
    // Behind the body, which sets a status of its own.
    context.status = answer.status
  }
}

/** What `@koa/router` knows of a route that matches the path. */
interface Layer {
  readonly path: string | RegExp
  /** Empty of middleware. */
  readonly methods: readonly string[]
}

/**
 * Pattern of the route that is running, or else, in middleware of a router, of the first that is going to run; undefined
 * before routing.
 */
function routeOf({ matched, routerPath, method }: Context): string | undefined {
  const routes = (matched as readonly Layer[] | undefined)?.filter(({ methods }) => methods.includes(method))
  const route = routes?.find(({ path }) => path === routerPath) ?? routes?.[0]
  return route === undefined ? undefined : String(route.path)
}
