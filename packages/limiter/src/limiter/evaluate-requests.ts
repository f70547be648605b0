/** Evaluates the requests of a joint decision in one call of the store, and splits its verdicts by request. */

import { VERDICT_SIZE } from '../core/algorithm.ts'
import type { Credited, Decision } from '../core/decision.ts'
import { passes } from '../core/passing.ts'
import type { Verb, Verdicts } from '../core/store.ts'
import { creditedUnits, decisionOf, storeFailureDecision } from './limit-decision.ts'
import type { PolicyRequest } from './make-receipt.ts'
import type { DecideInStore, PreparedCall } from './prepared-call.ts'

/** One request of a joint decision, whose policies are known. */
export interface JointRequest {
  readonly verb: Verb
  readonly call: PreparedCall
  /** Name of its any-of group; null for a request that has to pass by itself. */
  readonly group: string | null
  /** The decision where none of the store is needed; else null. */
  readonly immediate: Decision | null
}

/** The decision on each request, by at most one call of the store. */
export async function evaluate(
  verb: Verb,
  requests: readonly JointRequest[],
  decideInStore: DecideInStore,
): Promise<Map<JointRequest, Decision>> {
  const decisions = new Map(
    requests.flatMap((request) =>
      request.immediate === null ? [] : [[request, request.immediate] as const],
    ),
  )
  const pending = requests.filter(({ immediate }) => immediate === null)
  if (pending.length === 0) return decisions
  const merged = mergeRequests(pending)
  const verdicts = await decideInStore(verb, merged)
  const judged = (verdicts.judged as PolicyRequest[] | undefined) ?? merged
  const byBudget = splitVerdicts(judged, verdicts)
  const allPass = passes(judged, verdicts.numbers)
  // Where one request is denied, the store spent nothing for the others either: they get no receipt, as after a peek.
  const carriedOut = verb === 'consume' && !allPass ? 'peek' : verb
  for (const request of pending) {
    const writes = carriedOut === 'credit' || request.call.requests.some(({ cost }) => cost > 0)
    const call = { ...request.call, verb: writes ? carriedOut : 'peek' } as const
    decisions.set(request, decisionOn(call, verdicts, byBudget))
  }
  return decisions
}

/** The verdict on one budget under one key. */
interface BudgetVerdict {
  readonly request: PolicyRequest
  readonly numbers: readonly number[]
  readonly time: number
}

function decisionOn(
  call: PreparedCall,
  verdicts: Verdicts,
  byBudget: ReadonlyMap<string, BudgetVerdict>,
): Decision {
  const { verb, cost } = call
  const evaluated = call.requests.flatMap((request) => {
    const found = byBudget.get(idOf(request))
    if (found === undefined) return []
    return [{ ...found, request: { ...found.request, cost: request.cost, spend: request.spend as number } }]
  })
  // While the store fails, rules of policies with onStoreError open or closed are not evaluated. A closed one denies the
  // whole decision, so where anything was evaluated the ones left out are open.
  const isOpen = call.requests.some(enforces) && !evaluated.some(({ request }) => enforces(request))
  if (evaluated.length === 0 || isOpen) {
    const open = { ...verdicts, source: 'open', numbers: [0] } as const
    return storeFailureDecision(byBudget.size === 0 ? verdicts : open, cost)
  }
  const storeCall = { ...call, requests: evaluated.map(({ request }) => request) }
  const callVerdicts: Verdicts = {
    now: verdicts.now,
    source: verdicts.source,
    numbers: evaluated.flatMap(({ numbers }) => numbers),
    times: evaluated.map(({ time }) => time),
  }
  const decision = decisionOf(storeCall, callVerdicts)
  if (verb !== 'credit') return decision
  const credit: Credited = { ...decision, credited: creditedUnits(storeCall, callVerdicts) }
  return credit
}

/** The verdicts of a decision by budget and key. */
function splitVerdicts(
  requests: readonly PolicyRequest[],
  { now, numbers, times }: Verdicts,
): Map<string, BudgetVerdict> {
  const byBudget = new Map<string, BudgetVerdict>()
  let from = 0
  requests.forEach((request, i) => {
    const size = request.budget.rules.length * VERDICT_SIZE
    const copy = Array.from({ length: size }, (_, n) => numbers[from + n] as number)
    byBudget.set(idOf(request), { request, numbers: copy, time: times?.[i] ?? now })
    from += size
  })
  return byBudget
}

/** Adds up requests for one budget under one key: a store takes each key once per decision. Those given do not clash. */
function mergeRequests(requests: readonly JointRequest[]): PolicyRequest[] {
  const merged = new Map<string, PolicyRequest>()
  for (const request of requests.flatMap(({ call }) => call.requests)) {
    const id = idOf(request)
    const earlier = merged.get(id)
    merged.set(id, {
      ...request,
      cost: Math.min(Number.MAX_SAFE_INTEGER, request.cost + (earlier?.cost ?? 0)),
    })
  }
  return [...merged.values()]
}

function enforces({ budget }: PolicyRequest): boolean {
  return budget.enforces
}

/** Names whose budget a request spends from: the name of a policy has no space. */
export function idOf({ budget, key }: PolicyRequest): string {
  return `${budget.policy} ${key}`
}
