import { HeadgateError, show } from '../../core/errors.ts'
import { type Taken, VERDICT, type Verdicts } from '../../core/store.ts'
import type { Question } from './questions.ts'

/** Numbers before the verdicts in a reply: the server's now, and the count of foreign states or what is below. */
const REPLY_HEAD = 2
/** In place of that count: the caller's calendar edges did not contain the server's now. */
export const EDGES_NEEDED = -1

/** The numbers of a reply; anything else is a `store-unavailable` error. */
export function numbersOf(reply: unknown): number[] {
  if (typeof reply === 'number') return [reply]
  if (Array.isArray(reply) && reply.every((n) => Number.isSafeInteger(n))) return reply
  throw unreadable(reply)
}

/** The verdicts of each question, in order. */
export function verdictsOf(questions: readonly Question[], reply: readonly number[]): (Verdicts | Taken)[] {
  const now = reply[0] as number
  let at = REPLY_HEAD
  const verdicts = questions.map(({ verb, asks }) => {
    const from = at
    for (const { budget } of asks) at += budget.rules.length * VERDICT
    const numbers = reply.slice(from, at)
    if (verb !== 'take') return { now, numbers, source: 'store' as const }
    return { now, numbers, source: 'store' as const, granted: reply[at++] as number }
  })
  if (reply.length !== at) throw unreadable(reply)
  return verdicts
}

export function unavailable(cause: unknown): HeadgateError {
  const message = cause instanceof Error ? cause.message : String(cause)
  return new HeadgateError('store-unavailable', `Redis did not decide: ${message}`, { cause })
}

export function unreadable(reply: unknown): HeadgateError {
  const what = Array.isArray(reply) ? `${reply.length} values` : show(reply)
  return new HeadgateError('store-unavailable', `Redis answered ${what}, which is not a decision`)
}
