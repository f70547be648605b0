import type { RuleReceipt } from '../../core/algorithm.ts'
import { type BudgetRequest, refundExpiryUs } from '../../core/store.ts'
import { VERBS } from './compile/request-text.ts'
import type { PendingDecision } from './pending-decision.ts'
import type { RedisKeys } from './redis-key.ts'
import type { EncodedBudget, Route } from './route.ts'

/** One script call, and the decisions in the order of its reply. */
export interface Call {
  readonly keys: string[]
  readonly args: (string | Buffer)[]
  readonly order: readonly PendingDecision[]
}

/** Inputs of {@link encode} beside the decisions. */
export interface EncodeContext {
  readonly keys: RedisKeys
  /** Estimated time of the server, in microseconds: calendar edges are computed from it. */
  readonly now: number
  /** First of the incarnations for new records, even; one is reserved for every rule of every decision. */
  readonly incarnation: number
}

/**
 * Decisions on the same budgets that the script makes one after another. Each key occurs once, and in one request: the
 * script holds its state under the terms of that request's rules.
 */
interface Run {
  readonly route: Route
  readonly keys: Map<string, PendingDecision[]>
  /** Index of the request by key. */
  readonly requests: Map<string, number>
  readonly decisions: PendingDecision[]
}

/** The parts of a call while it is built. */
interface Draft {
  readonly header: number[]
  readonly body: number[]
  readonly texts: string[]
  readonly order: PendingDecision[]
}

/** Formats of the body: none, when every decision consumes one unit of a key of its own; costs; verbs and costs. */
const NO_BODY = 0
const COSTS = 1
const VERBS_AND_COSTS = 2

/** Encodes decisions of one shape, in the format that `compile-script.ts` describes. */
export function encode(decisions: readonly PendingDecision[], context: EncodeContext): Call {
  const runs = runsOf(decisions, context.keys)
  const keys = runs.flatMap((run) => [...run.keys.keys()])
  const format = bodyFormatOf(decisions, keys.length)
  const draft: Draft = { header: [context.incarnation, keys.length, format], body: [], texts: [], order: [] }
  for (const run of runs) {
    draft.header.push(run.keys.size)
    if (run.route.isKeyed) addKeyed(draft, run, format)
    else addUnkeyed(draft, run, { format, keys: context.keys })
    for (const budget of run.route.budgets) addBudget(draft, budget, context.now)
  }
  const { header, body, texts, order } = draft
  const refundedKeys =
    format === VERBS_AND_COSTS ? order.flatMap((decision) => refundedKeyOf(decision, context.keys)) : []
  const args = [bytesOf(header), ...texts]
  if (format !== NO_BODY) args.push(bytesOf(body))
  return { keys: refundedKeys.length === 0 ? keys : keys.concat(refundedKeys), args, order }
}

function bodyFormatOf(decisions: readonly PendingDecision[], keys: number): number {
  let isUniform = keys === decisions.length
  for (const { verb, requests, route } of decisions) {
    if (verb !== 'consume' || isAttempt(requests)) return VERBS_AND_COSTS
    if (!route.isKeyed || requests[0]?.cost !== 1) isUniform = false
  }
  return isUniform ? NO_BODY : COSTS
}

/** Groups decisions into runs, such that decisions on one key keep their order even if their budgets differ. */
function runsOf(decisions: readonly PendingDecision[], keys: RedisKeys): Run[] {
  const [first] = decisions
  if (first?.route.isKeyed && decisions.every(({ route }) => route === first.route))
    return [singleRun(decisions, keys)]
  const runs: Run[] = []
  const lastOfRoute = new Map<string, number>()
  const lastOfKey = new Map<string, number>()
  for (const decision of decisions) {
    const { route, requests } = decision
    const own = route.positions.map((position) => keyOf(requests[position] as BudgetRequest, keys))
    const last = lastOfRoute.get(route.id) ?? -1
    // The last run of this route will not do if a later run has one of the keys, or if it has the key in another
    // request.
    const conflicts = own.some((key, i) => {
      return (lastOfKey.get(key) ?? -1) > last || (runs[last]?.requests.get(key) ?? i) !== i
    })
    const index = last < 0 || conflicts ? runs.push(newRun(route)) - 1 : last
    const run = runs[index] as Run
    lastOfRoute.set(route.id, index)
    run.decisions.push(decision)
    own.forEach((key, i) => {
      lastOfKey.set(key, index)
      run.requests.set(key, i)
      const known = run.keys.get(key)
      if (known === undefined) run.keys.set(key, [decision])
      else known.push(decision)
    })
  }
  return runs
}

/** The run of decisions that all have one keyed route, the most common case. */
function singleRun(decisions: readonly PendingDecision[], keys: RedisKeys): Run {
  const run = newRun((decisions[0] as PendingDecision).route)
  for (const decision of decisions) {
    const key = keyOf(decision.requests[0] as BudgetRequest, keys)
    const known = run.keys.get(key)
    if (known === undefined) run.keys.set(key, [decision])
    else known.push(decision)
  }
  return run
}

function newRun(route: Route): Run {
  return { route, keys: new Map(), requests: new Map(), decisions: [] }
}

function keyOf({ budget, key }: BudgetRequest, keys: RedisKeys): string {
  return keys.of(budget.policy, key)
}

function addBudget({ header, texts }: Draft, budget: EncodedBudget, now: number): void {
  for (const number of budget.header(now)) header.push(number)
  for (const text of budget.texts) texts.push(text)
}

/** Adds decisions key by key: for each key their count, and what each decision asks for. */
function addKeyed({ body, order }: Draft, { keys, route }: Run, format: number): void {
  for (const own of keys.values()) {
    if (format !== NO_BODY) body.push(own.length)
    for (const decision of own) {
      if (format === VERBS_AND_COSTS) body.push(verbOf(decision))
      if (format !== NO_BODY) body.push(decision.requests[0]?.cost ?? 0)
      addVerbDetails(body, decision, route)
      order.push(decision)
    }
  }
}

/** Adds decisions one by one: for each request the position of its key, from 1, and its cost. */
function addUnkeyed(
  { header, body, order }: Draft,
  run: Run,
  { format, keys }: { format: number; keys: RedisKeys },
): void {
  header.push(run.decisions.length)
  const positions = new Map([...run.keys.keys()].map((key, i) => [key, i + 1]))
  for (const decision of run.decisions) {
    if (format === VERBS_AND_COSTS) body.push(verbOf(decision))
    for (const position of decision.route.positions) {
      const request = decision.requests[position] as BudgetRequest
      body.push(positions.get(keyOf(request, keys)) ?? 0, request.cost)
    }
    addVerbDetails(body, decision, run.route)
    order.push(decision)
  }
}

function verbOf({ verb, requests }: PendingDecision): number {
  return VERBS[verb === 'consume' && isAttempt(requests) ? 'attempt' : verb]
}

/** Whether a denial could be an offence and is not to be one. */
function isAttempt(requests: readonly BudgetRequest[]): boolean {
  return requests.some(({ blameless, budget }) => blameless === true && budget.bans !== undefined)
}

/** Adds the minimum of an acquire, or the end and the receipts of a refund; nothing for other verbs. */
function addVerbDetails(
  body: number[],
  { verb, min = 1, refund }: PendingDecision,
  { budgets }: Route,
): void {
  if (verb === 'acquire') body.push(min)
  if (refund === undefined) return
  body.push(refundExpiryUs(refund), refund.undoneAtUs ?? 0)
  for (const position of budgets[0]?.positions ?? []) body.push(...receiptNumbers(refund.rules[position]))
}

function receiptNumbers(receipt: RuleReceipt | undefined): number[] {
  if (receipt === undefined) return [0, 0, 0, 0, 0]
  const { incarnation, returned, credited, stood, since } = receipt
  return [incarnation, returned, credited, stood, since]
}

function refundedKeyOf({ refund }: PendingDecision, keys: RedisKeys): string[] {
  return refund === undefined ? [] : [keys.refunded(refund.budget.policy, refund.key, refund.id)]
}

/** Numbers as little-endian doubles. */
function bytesOf(numbers: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(8 * numbers.length)
  for (let i = 0; i < numbers.length; i++) bytes.writeDoubleLE(numbers[i] as number, 8 * i)
  return bytes
}
