import { HeadgateError, show } from '../../core/errors.ts'
import type { Rule } from '../../core/rule.ts'
import type { Taken, Verdicts } from '../../core/store.ts'
import { isExact, type Question } from './questions.ts'

/** Numbers before the verdicts in a reply: the server's now, and the count of foreign states or what is below. */
const REPLY_HEAD = 2
/** In place of that count: the caller's calendar edges did not contain the server's now. */
export const EDGES_NEEDED = -1
/** In place of that count: of buckets with quanta of a microsecond follows what is used, and no verdict. */
const USED = -2

/** The numbers of a reply; anything else is a `store-unavailable` error. */
export function numbersOf(reply: unknown): number[] {
  if (typeof reply === 'number') return [reply]
  if (Array.isArray(reply) && reply.every((n) => Number.isSafeInteger(n))) return reply
  throw unreadable(reply)
}

/** The verdicts of each question, in order. */
export function verdictsOf(questions: readonly Question[], reply: readonly number[]): (Verdicts | Taken)[] {
  const now = reply[0] as number
  const usedOnly = reply[1] === USED
  let at = REPLY_HEAD
  const verdicts = questions.map(({ verb, asks }) => {
    const numbers: number[] = []
    for (const { budget, cost } of asks) {
      for (const rule of budget.rules) {
        if (usedOnly && isExact(rule)) addVerdict(numbers, rule, reply[at++] as number, now, cost)
        else numbers.push(reply[at++] as number, reply[at++] as number, reply[at++] as number)
      }
    }
    // Of one shape with those of the stand-in: an outage must not throw away the compiled code that reads them.
    if (verb !== 'take') return { now, numbers, source: 'store' as const, judged: undefined }
    return { now, numbers, source: 'store' as const, granted: reply[at++] as number }
  })
  if (reply.length !== at) throw unreadable(reply)
  return verdicts
}

const state = new Float64Array(2)

/** Adds the verdict on a bucket, of which `used` is in use after the decision, or -1 - `used` where that was a denial. */
function addVerdict(numbers: number[], rule: Rule, used: number, now: number, cost: number): void {
  const { algorithm, terms, capacity } = rule
  const denied = used < 0
  state[0] = denied ? -1 - used : used
  // A quantum of a microsecond is over at once: the server has drained to now.
  state[1] = now
  const wait = denied ? algorithm.judge(terms, state, 0, now, cost) : 0
  const remaining = Math.max(0, capacity - algorithm.used(terms, state, 0, now))
  numbers.push(wait, remaining, algorithm.reset(terms, state, 0, now))
}

/** States in a reply that were not ours and counted as fresh. */
export function foreignIn(reply: readonly number[]): number {
  return Math.max(0, reply[1] as number)
}

export function unavailable(cause: unknown): HeadgateError {
  const message = cause instanceof Error ? cause.message : String(cause)
  return new HeadgateError('store-unavailable', `Redis did not decide: ${message}`, { cause })
}

export function unreadable(reply: unknown): HeadgateError {
  const what = Array.isArray(reply) ? `${reply.length} values` : show(reply)
  return new HeadgateError('store-unavailable', `Redis answered ${what}, which is not a decision`)
}
