import type { Decision } from 'headgate'
import type { OwnAnswer } from '../answers/own-answer.ts'
import type { Exchange } from '../proxy-exchange.ts'
import { flatFields, isListed, limitAnswer } from './limit-fields.ts'

/** The answer to a request that a policy or a list denies. */
export function denial(exchange: Exchange, decision: Decision): OwnAnswer {
  const made = limitAnswer(exchange, decision)
  if (made === null) throw new Error('a denial is a decision')
  const { status, headers, body } = made
  exchange.deniedBy = decision.policy
  const outcome = isListed(decision) ? 'denied' : 'rate-limited'
  return { outcome, status, fields: flatFields(headers), body, tellsLimits: true }
}
