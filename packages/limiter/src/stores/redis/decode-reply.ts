// biome-ignore-all lint/complexity/useMaxParams: a hot path; an object of arguments would be made for every decision
import { BLOCKED, RECEIPT, REMAINING, RESET, VERDICT_SIZE, WAIT } from '../../core/algorithm.ts'
import { neededUnits } from '../../core/budget.ts'
import type { Claimed } from '../../core/claiming-store.ts'
import type { DocumentRead } from '../../core/document-store.ts'
import { HeadgateError, show } from '../../core/errors.ts'
import type { Rule } from '../../core/rule.ts'
import { type BudgetRequest, type Grant, TOO_MANY_WINDOWS, type Verdicts } from '../../core/store.ts'
import { BARRED, EDGES_NEEDED, FULL } from './compile/reply-marks.ts'
import type { PendingDecision } from './pending-decision.ts'

/** Result of one decision: verdicts, units given back by a refund, or null when it has to be sent again. */
export type Result = Verdicts | Grant | number | null

/** Numbers before the results: the server's time, and how many records were not recognized. */
const REPLY_HEAD = 2
/** Numbers in front of those of a request against whose key something stands. */
const BARRED_SIZE = 2

/** The numbers of a reply; anything else is a `store-unavailable` error. */
export function numbersOf(reply: unknown): number[] {
  if (typeof reply === 'number') return [reply]
  if (Array.isArray(reply) && reply.every(Number.isSafeInteger)) return reply
  throw unreadable(reply)
}

/** The text of a reply, which numbers above those of a 32-bit integer survive in every client. */
export function textOf(reply: unknown): string {
  if (typeof reply === 'string') return reply
  throw unreadable(reply)
}

/** Reads the results of decisions, in the order of the script's reply. */
export function decode(order: readonly PendingDecision[], reply: readonly number[]): Result[] {
  const reader = { numbers: reply, at: REPLY_HEAD, now: reply[0] as number, cost: 0 }
  const results = new Array<Result>(order.length)
  for (let i = 0; i < order.length; i++) results[i] = resultOf(order[i] as PendingDecision, reader)
  if (reply.length !== reader.at) throw unreadable(reply)
  return results
}

/** How many records the script found corrupt or foreign and treated as fresh. */
export function unrecognizedIn(reply: readonly number[]): number {
  return reply[1] ?? 0
}

/** Who has a claim, by the reply of `claim.lua`. */
export function claimedIn(reply: string): Claimed {
  const [, state, digits] = /^(taken|held|over):(\d{0,16})$/.exec(reply) ?? []
  if (state === undefined) throw unreadable(null)
  if (state === 'over') return { by: 'nobody', value: null }
  if (state === 'held') return { by: 'another', value: Number(digits) }
  return { by: 'caller', value: digits === '' ? null : Number(digits) }
}

/** The secrets in the reply of `secrets.lua`, newest first. */
export function secretsIn(text: string): string[] {
  if (!/^\d+:[0-9a-f]+( \d+:[0-9a-f]+)*$/.test(text)) throw unreadable(null)
  return text.split(' ').map((one) => one.slice(one.indexOf(':') + 1))
}

/** What the reply of `document.lua` says of a document that was read. */
export function documentIn(reply: string): DocumentRead {
  if (reply === 'unchanged' || reply === 'absent') return reply
  const [state, revision] = reply.split('\n', 2)
  if (state !== 'other' || !revision) throw unreadable(null)
  return { revision, text: reply.slice(state.length + revision.length + 2) }
}

interface Reader {
  readonly numbers: readonly number[]
  at: number
  readonly now: number
  cost: number
}

function resultOf({ verb, requests, route, min = 1 }: PendingDecision, reader: Reader): Result {
  const { numbers: reply, now } = reader
  if (reply[reader.at] === EDGES_NEEDED) {
    reader.at++
    return null
  }
  if (verb === 'refund') return reply[reader.at++] as number
  const { verdicts, replySize } = route
  // An acquire is judged by what it granted, or by its minimum when it was denied.
  const sizeBarred = reply[reader.at] === BARRED ? BARRED_SIZE : 0
  const judged = verb === 'acquire' ? reply[reader.at + sizeBarred + replySize] || min : null
  const numbers = new Array<number>(verdicts.length * VERDICT_SIZE).fill(0)
  let held = 0
  let last = -1
  for (let i = 0; i < verdicts.length; i++) {
    const { rule, position, from } = verdicts[i] as (typeof verdicts)[number]
    if (position !== last) held = heldIn(reader)
    last = position
    const { budget, cost } = requests[position] as BudgetRequest
    reader.cost = neededUnits(budget, judged ?? cost)
    readRule(rule, reader, numbers, from)
    if (held !== 0) addHeld(held, numbers, from)
    if (verb === 'credit') numbers[from + WAIT] = reply[reader.at++] as number
  }
  // Property order as the fallback's verdicts have it: one hidden class, so an outage does not deoptimise readers.
  if (verb !== 'acquire') return { now, numbers, source: 'store' as const, judged: undefined }
  return { now, numbers, source: 'store' as const, granted: reply[reader.at++] as number }
}

/** For how long something stands against the key of the request that comes next, see `BARRED`; 0: nothing does. */
function heldIn(reader: Reader): number {
  const { numbers, at } = reader
  if (numbers[at] !== BARRED) return 0
  reader.at = at + BARRED_SIZE
  return numbers[at + 1] as number
}

/** Adds that to the verdict on a rule. */
function addHeld(held: number, numbers: number[], from: number): void {
  const wait = numbers[from + WAIT] as number
  if (wait >= 0) numbers[from + WAIT] = Math.max(wait, Math.abs(held))
  if (held > 0) numbers[from + RECEIPT] = BLOCKED
}

function readRule(
  { algorithm, terms, capacity }: Rule,
  reader: Reader,
  numbers: number[],
  from: number,
): void {
  const { numbers: reply, at, now } = reader
  if (reply[at] === FULL) {
    numbers[from + WAIT] = TOO_MANY_WINDOWS
    numbers[from + REMAINING] = capacity
    numbers[from + RESET] = (reply[at + 1] as number) - now
  } else algorithm.readReply(terms, reader, numbers, from)
  reader.at = at + algorithm.replySize
}

export function unavailable(cause: unknown): HeadgateError {
  const message = cause instanceof Error ? cause.message : String(cause)
  return new HeadgateError('store-unavailable', `Redis did not decide: ${message}`, { cause })
}

export function unreadable(reply: unknown): HeadgateError {
  const what = Array.isArray(reply) ? `${reply.length} values` : show(reply)
  return new HeadgateError('store-unavailable', `Redis answered ${what}, which is not a decision`)
}
