import type { FastifyRequest, onRequestHookHandler } from 'fastify'
import type { HttpAnswer } from '../http/answer.ts'
import type { Gate } from '../middleware/gate.ts'
import { isPromiseLike, type MaybePromise } from '../middleware/maybe-promise.ts'
import { type RateLimit, rateLimitFor } from '../middleware/rate-limit.ts'
import { FastifyExchange, sendReply } from './fastify-exchange.ts'

/**
 * Rate limits as a hook of Fastify 5, for a whole application, a plugin or a route; as `onRequest`, or later in a request where
 * functions of the options need its body or session.
 *
 * ```ts
 * app.addHook('onRequest', rateLimit({ limit: '100/min' }))
 * app.post('/login', { onRequest: rateLimit({ limit: '5/15m', skipSuccessful: true }) }, login)
 * ```
 */
export const rateLimit: RateLimit<FastifyRequest, onRequestHookHandler> = rateLimitFor(toHook)

function toHook(gate: Gate<FastifyRequest>): onRequestHookHandler {
  return function headgate(request, reply, done) {
    const finish = (answer: HttpAnswer | null): void => {
      if (answer === null) done()
      else sendReply(reply, answer)
    }
    let passed: MaybePromise<HttpAnswer | null>
    try {
      passed = gate.pass(new FastifyExchange({ request, incoming: request, reply }))
    } catch (error) {
      done(error as Error)
      return
    }
    // What finishing throws is an error of the request as well, and not of the process.
    if (isPromiseLike(passed)) passed.then(finish).then(undefined, done)
    else finish(passed)
  }
}
