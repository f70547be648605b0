import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common'
import type { Request, Response } from 'express'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { HeadgateError } from '../../core/errors.ts'
import { limitedError } from '../../core/limited-error.ts'
import type { Exchange } from '../../middleware/exchange.ts'
import { RequestLimits } from '../../middleware/request-limits.ts'
import { routeOf } from '../express.ts'
import { FastifyExchange } from '../fastify-exchange.ts'
import { NodeExchange } from '../node-exchange.ts'
import { MessageExchange } from './message-exchange.ts'
import { type NestLimit, NestLimits } from './nest-limits.ts'
import { RateLimitException } from './rate-limit-exception.ts'

/**
 * Limits what reaches handlers. The module installs it for all of them; name it in `@UseGuards` only with `appGuard: false`, or
 * a request spends twice. It denies a request of HTTP with a {@link RateLimitException}. Messages of other transports pass
 * untouched, but for limits with a key function, which deny with a `limited` error, and with `invalid-key` where it returns no key.
 */
export class RateLimitGuard implements CanActivate {
  readonly #limits: NestLimits

  constructor(limits: NestLimits) {
    this.#limits = limits
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const isHttp = context.getType() === 'http'
    const exchange = isHttp ? httpExchange(context) : new MessageExchange(context)
    for (const limit of this.#limits.of(context)) {
      if (isHttp || limit.hasKeyFunction) await check(limit, exchange, isHttp)
    }
    return true
  }
}
Inject(NestLimits)(RateLimitGuard, undefined, 0)
Injectable()(RateLimitGuard)

async function check(
  { gate }: NestLimit,
  exchange: Exchange<ExecutionContext>,
  isHttp: boolean,
): Promise<void> {
  const answer = await gate.pass(exchange)
  if (answer === null) return
  if (!isHttp) {
    const decision = RequestLimits.find(exchange.identity)?.decision
    throw decision?.allowed === false ? limitedError(decision) : keylessError()
  }
  // A filter of the application may send another type of body.
  const { 'content-type': _type, ...fields } = answer.headers
  for (const [name, value] of Object.entries(fields)) exchange.setHeader(name, value)
  throw new RateLimitException(answer)
}

function keylessError(): HeadgateError {
  const fix = 'return one, or skip it with the option skip'
  return new HeadgateError('invalid-key', `a message has no key, and no address to count it by; ${fix}`)
}

function httpExchange(context: ExecutionContext): Exchange<ExecutionContext> {
  const http = context.switchToHttp()
  const incoming = http.getRequest<Request | FastifyRequest>()
  if ('raw' in incoming) {
    return new FastifyExchange({ request: context, incoming, reply: http.getResponse<FastifyReply>() })
  }
  return new NodeExchange({
    request: context,
    incoming,
    response: http.getResponse<Response>(),
    target: incoming.originalUrl,
    route: () => routeOf(incoming),
  })
}
