import { PROXY } from '../../service/proxy-events.ts'
import { IDENTITY_NEEDED } from '../answers/identity-needed.ts'
import type { OwnAnswer } from '../answers/own-answer.ts'
import { problemAnswer } from '../answers/problem-answer.ts'
import type { Exchange } from '../proxy-exchange.ts'
import { giveBackAll } from './give-back-spends.ts'

/** The answer to a request that cannot be decided, for its own mistake or for one of the store; what it has spent is given back. */
export function undecided(exchange: Exchange, reason: unknown): OwnAnswer {
  giveBackAll(exchange)
  const { code, detail, isCallers, retryAfterSeconds } = exchange.proxy.service.fail(reason, {
    transport: PROXY,
  })
  // A policy that refuses requests without an identity asks for one.
  if (code === 'invalid-key' && exchange.identity === null) return IDENTITY_NEEDED
  if (isCallers) return problemAnswer('bad-request', detail)
  const fields = retryAfterSeconds === null ? [] : ['retry-after', String(retryAfterSeconds)]
  return problemAnswer('store-unavailable', detail, { fields })
}
