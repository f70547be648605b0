import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common'
import type { FastifyReply } from 'fastify'
import type { HttpAnswer } from '../../http/answer.ts'
import { sendReply } from '../fastify-exchange.ts'
import { sendAnswer } from '../node-exchange.ts'

/**
 * A request that is denied. `getResponse()` is the body: an object where the answer is JSON, else a text. The header fields of the
 * limits stand on the response already.
 */
export class RateLimitException extends HttpException {
  /** What the request is answered with, to the byte. */
  readonly answer: HttpAnswer

  constructor(answer: HttpAnswer) {
    super(bodyOf(answer), answer.status)
    this.answer = answer
  }
}

/** Sends the answer as it is: Nest itself puts a text into an object, and Express adds a charset to the types of JSON. */
export class RateLimitFilter implements ExceptionFilter<RateLimitException> {
  catch({ answer }: RateLimitException, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse()
    if (isOfFastify(response)) sendReply(response, answer)
    else sendAnswer(response, answer)
  }
}
Catch(RateLimitException)(RateLimitFilter)

function bodyOf({ headers, body }: HttpAnswer): string | object {
  if (!/[/+]json\b/.test(headers['content-type'] ?? '')) return body
  const value: unknown = JSON.parse(body)
  return typeof value === 'object' && value !== null ? value : body
}

function isOfFastify(response: object): response is FastifyReply {
  return 'raw' in response
}
