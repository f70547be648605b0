import type { FastifyReply, FastifyRequest } from 'fastify'
import type { HttpAnswer } from '../http/answer.ts'
import { NodeExchange } from './node-exchange.ts'

/** What Fastify knows of a request, beside the request as functions of the options get it. */
export interface FastifyExchangeParts<R> {
  readonly request: R
  readonly incoming: FastifyRequest
  readonly reply: FastifyReply
}

/** Fastify writes the header fields of a reply itself. */
export class FastifyExchange<R> extends NodeExchange<R> {
  readonly #reply: FastifyReply

  constructor({ request, incoming, reply }: FastifyExchangeParts<R>) {
    super({
      request,
      incoming: incoming.raw,
      response: reply.raw,
      // Fastify makes these options at each look.
      route: () => incoming.routeOptions.url,
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

/** Sends an answer in place of the application's. */
export function sendReply(reply: FastifyReply, answer: HttpAnswer): void {
  reply.code(answer.status).headers(answer.headers).send(payloadOf(answer))
}

/** Bytes, because Fastify adds a charset to the JSON types of texts, which have none. */
function payloadOf({ body }: HttpAnswer): Buffer | undefined {
  return body === '' ? undefined : Buffer.from(body)
}
