import type { FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify'
import type { HttpAnswer } from '../http/answer.ts'
import type { Gate } from '../middleware/gate.ts'
import { isPromiseLike, type MaybePromise } from '../middleware/maybe-promise.ts'
import { type RateLimit, rateLimitFor } from '../middleware/rate-limit.ts'
import { NodeExchange } from './node-exchange.ts'

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

/** Fastify writes the header fields of a reply itself. */
class FastifyExchange extends NodeExchange<FastifyRequest> {
  readonly #reply: FastifyReply

  constructor(request: FastifyRequest, reply: FastifyReply) {
    super({
      request,
      incoming: request.raw,
      response: reply.raw,
      // Fastify makes these options at each look.
      route: () => request.routeOptions.url,
    })
    this.#reply = reply
  }

  override setHeader(name: string, value: string): void {
    this.#reply.header(name, value)
  }

  override getHeader(name: string): string | undefined {
    const value = this.#reply.getHeader(name)
    return value === undefined ? undefined : String(value)
  }
}

function toHook(gate: Gate<FastifyRequest>): onRequestHookHandler {
  return function headgate(request, reply, done) {
    const finish = (answer: HttpAnswer | null): void => {
      if (answer === null) done()
      else reply.code(answer.status).headers(answer.headers).send(payloadOf(answer))
    }
    let passed: MaybePromise<HttpAnswer | null>
    try {
      passed = gate.pass(new FastifyExchange(request, reply))
    } catch (error) {
      done(error as Error)
      return
    }
    if (isPromiseLike(passed)) passed.then(finish, done)
    else finish(passed)
  }
}

/** Bytes, because Fastify adds a charset to the JSON types of texts, which have none. */
function payloadOf({ body }: HttpAnswer): Buffer | undefined {
  return body === '' ? undefined : Buffer.from(body)
}
