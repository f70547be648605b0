import type { RuleReceipt } from '../../core/algorithm.ts'
import { type BudgetRequest, endOf } from '../../core/store.ts'
import { VERBS } from './compile/request-text.ts'
import type { PendingDecision } from './pending-decision.ts'
import type { RedisKeys } from './redis-key.ts'
import type { EncodedBudget, Route } from './route.ts'

/** One script call, and the decisions in the order in which it answers. */
export interface Call {
  readonly keys: string[]
  readonly args: (string | Buffer)[]
  readonly order: readonly PendingDecision[]
}

/** What a call is encoded with. */
export interface EncodeContext {
  readonly keys: RedisKeys
  /** Estimated time of the server: calendar edges are computed from it. */
  readonly now: number
  /** Number for the first record that begins: even; as many follow as there are rules in the decisions. */
  readonly birth: number
}

/** Decisions on the same budgets that can be made one after another; every key stands once, with one request's rules. */
interface Run {
  readonly route: Route
  readonly keys: Map<string, PendingDecision[]>
  /** Which request asks for each key: the script holds a key's state under the terms of one. */
  readonly requests: Map<string, number>
  readonly decisions: PendingDecision[]
}

/** What a call says of its decisions, as it grows. */
interface Draft {
  readonly head: number[]
  readonly stream: number[]
  readonly texts: string[]
  readonly order: PendingDecision[]
}

/** What the stream says: nothing, since each key is asked for one unit; costs; or verbs as well. */
const NOTHING = 0
const COSTS = 1
const VERBS_AND_COSTS = 2

/** Encodes decisions of one shape, whose scripts say what stands where. */
export function encode(decisions: readonly PendingDecision[], context: EncodeContext): Call {
  const runs = runsOf(decisions, context.keys)
  const keys = runs.flatMap((run) => [...run.keys.keys()])
  const detail = detailOf(decisions, keys.length)
  const draft: Draft = { head: [context.birth, keys.length, detail], stream: [], texts: [], order: [] }
  for (const run of runs) {
    draft.head.push(run.keys.size)
    if (run.route.isKeyed) addKeyed(draft, run, detail)
    else addUnkeyed(draft, run, { detail, keys: context.keys })
    for (const budget of run.route.budgets) addBudget(draft, budget, context.now)
  }
  const { head, stream, texts, order } = draft
  const marks = detail === VERBS_AND_COSTS ? order.flatMap((decision) => marksOf(decision, context.keys)) : []
  const args = [bytesOf(head), ...texts]
  if (detail !== NOTHING) args.push(bytesOf(stream))
  return { keys: marks.length === 0 ? keys : keys.concat(marks), args, order }
}

function detailOf(decisions: readonly PendingDecision[], keys: number): number {
  let isBrief = keys === decisions.length
  for (const { verb, requests, route } of decisions) {
    if (verb !== 'consume') return VERBS_AND_COSTS
    if (!route.isKeyed || requests[0]?.cost !== 1) isBrief = false
  }
  return isBrief ? NOTHING : COSTS
}

/** Deals decisions to runs, so that those on one key keep their order whatever their budgets. */
function runsOf(decisions: readonly PendingDecision[], keys: RedisKeys): Run[] {
  const [first] = decisions
  if (first?.route.isKeyed && decisions.every(({ route }) => route === first.route))
    return [onlyRun(decisions, keys)]
  const runs: Run[] = []
  const lastOfRoute = new Map<string, number>()
  const lastOfKey = new Map<string, number>()
  for (const decision of decisions) {
    const { route, requests } = decision
    const names = route.positions.map((position) => nameOf(requests[position] as BudgetRequest, keys))
    const known = lastOfRoute.get(route.id) ?? -1
    const isLate = names.some((name, i) => {
      return (lastOfKey.get(name) ?? -1) > known || (runs[known]?.requests.get(name) ?? i) !== i
    })
    const at = known < 0 || isLate ? runs.push(newRun(route)) - 1 : known
    const run = runs[at] as Run
    lastOfRoute.set(route.id, at)
    run.decisions.push(decision)
    names.forEach((name, i) => {
      lastOfKey.set(name, at)
      run.requests.set(name, i)
      const own = run.keys.get(name)
      if (own === undefined) run.keys.set(name, [decision])
      else own.push(decision)
    })
  }
  return runs
}

/** The one run of decisions on one budget, as most are. */
function onlyRun(decisions: readonly PendingDecision[], keys: RedisKeys): Run {
  const run = newRun((decisions[0] as PendingDecision).route)
  for (const decision of decisions) {
    const name = nameOf(decision.requests[0] as BudgetRequest, keys)
    const own = run.keys.get(name)
    if (own === undefined) run.keys.set(name, [decision])
    else own.push(decision)
  }
  return run
}

function newRun(route: Route): Run {
  return { route, keys: new Map(), requests: new Map(), decisions: [] }
}

function nameOf({ budget, key }: BudgetRequest, keys: RedisKeys): string {
  return keys.of(budget.policy, key)
}

function addBudget({ head, texts }: Draft, budget: EncodedBudget, now: number): void {
  for (const number of budget.head(now)) head.push(number)
  for (const text of budget.texts) texts.push(text)
}

/** Key by key: how many decisions, and what each asks for. */
function addKeyed({ stream, order }: Draft, { keys, route }: Run, detail: number): void {
  for (const own of keys.values()) {
    if (detail !== NOTHING) stream.push(own.length)
    for (const decision of own) {
      if (detail === VERBS_AND_COSTS) stream.push(VERBS[decision.verb])
      if (detail !== NOTHING) stream.push(decision.requests[0]?.cost ?? 0)
      addDetails(stream, decision, route)
      order.push(decision)
    }
  }
}

/** Decision by decision: for every request which key, and its cost. */
function addUnkeyed(
  { head, stream, order }: Draft,
  { keys, route, decisions }: Run,
  { detail, keys: names }: { detail: number; keys: RedisKeys },
): void {
  head.push(decisions.length)
  const positions = new Map([...keys.keys()].map((name, i) => [name, i + 1]))
  for (const decision of decisions) {
    if (detail === VERBS_AND_COSTS) stream.push(VERBS[decision.verb])
    for (const position of decision.route.positions) {
      const request = decision.requests[position] as BudgetRequest
      stream.push(positions.get(nameOf(request, names)) ?? 0, request.cost)
    }
    addDetails(stream, decision, route)
    order.push(decision)
  }
}

/** What only some verbs say: the fewest units of an acquisition, the receipts of a refund. */
function addDetails(stream: number[], { verb, min = 1, refund }: PendingDecision, { budgets }: Route): void {
  if (verb === 'acquire') stream.push(min)
  if (refund === undefined) return
  stream.push(endOf(refund))
  for (const position of budgets[0]?.positions ?? []) stream.push(...receiptNumbers(refund.rules[position]))
}

function receiptNumbers(receipt: RuleReceipt | undefined): number[] {
  if (receipt === undefined) return [0, 0, 0, 0, 0]
  const { incarnation, returned, credited, stood, since } = receipt
  return [incarnation, returned, credited, stood, since]
}

function marksOf({ refund }: PendingDecision, keys: RedisKeys): string[] {
  return refund === undefined ? [] : [keys.mark(refund.budget.policy, refund.key, refund.id)]
}

/** Numbers as the doubles that scripts read. */
function bytesOf(numbers: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(8 * numbers.length)
  for (let i = 0; i < numbers.length; i++) bytes.writeDoubleLE(numbers[i] as number, 8 * i)
  return bytes
}
