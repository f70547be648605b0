import { VERDICT_SIZE, WAIT } from '../core/algorithm.ts'
import type { Credited, Decision } from '../core/decision.ts'
import { invalid } from '../core/errors.ts'
import type { Verb, Verdicts } from '../core/store.ts'
import type { PreparedCall } from './decider.ts'
import { creditedUnits, decisionOf, storeFailureDecision } from './limit-decision.ts'
import type { PolicyRequest } from './make-receipt.ts'

/** One request of a joint decision, with its policies found. */
export interface JointRequest {
  readonly verb: Verb
  readonly call: PreparedCall
  /** Requests of one group count as one; null: it stands alone. */
  readonly group: string | null
  /** The answer that needs no store, where there is one. */
  readonly fixed: Decision | null
}

/** Asks the store. */
export type AskStore = (verb: Verb, requests: readonly PolicyRequest[]) => Promise<Verdicts>

/** The decision on each request, by one call of the store. */
export async function judge(
  verb: Verb,
  requests: readonly JointRequest[],
  askStore: AskStore,
): Promise<Map<JointRequest, Decision>> {
  const decisions = new Map(
    requests.flatMap((one) => (one.fixed === null ? [] : [[one, one.fixed] as const])),
  )
  const open = requests.filter(({ fixed }) => fixed === null)
  if (open.length === 0) return decisions
  const merged = mergeRequests(open)
  const verdicts = await askStore(verb, merged)
  const parts = partsOf(
    verdicts.judged === undefined ? merged : (verdicts.judged as PolicyRequest[]),
    verdicts,
  )
  const allPassed = [...parts.values()].every(({ numbers }) =>
    numbers.every((n, i) => i % VERDICT_SIZE !== WAIT || n === 0),
  )
  // Where another request is denied, what passes by itself was not spent either.
  const carriedOut = verb === 'consume' && !allPassed ? 'peek' : verb
  for (const one of open) {
    const isSpend = carriedOut !== 'credit' && one.call.cost > 0
    const own = carriedOut === 'credit' || isSpend ? carriedOut : 'peek'
    decisions.set(one, decisionOn(one.call, { verb: own, verdicts, parts }))
  }
  return decisions
}

/** What the store said of one budget under one key. */
interface Part {
  readonly request: PolicyRequest
  readonly numbers: readonly number[]
  readonly time: number
}

function decisionOn(
  { requests, cost, slackMs }: PreparedCall,
  {
    verb,
    verdicts,
    parts,
  }: { readonly verb: Verb; readonly verdicts: Verdicts; readonly parts: ReadonlyMap<string, Part> },
): Decision {
  const own = requests.flatMap((request) => {
    const part = parts.get(nameOf(request))
    return part === undefined
      ? []
      : [{ ...part, request: { ...part.request, cost, spend: request.spend as number } }]
  })
  // While the store fails, policies that are open or closed have no rule judged: `closed` denies all requests.
  if (own.length === 0) {
    return storeFailureDecision(
      parts.size === 0 ? verdicts : { ...verdicts, source: 'open', numbers: [0] },
      cost,
    )
  }
  const judged = { verb, requests: own.map(({ request }) => request), cost, slackMs }
  const numbers = own.flatMap((part) => part.numbers)
  const said = { now: verdicts.now, source: verdicts.source, numbers, times: own.map(({ time }) => time) }
  const decision = decisionOf(judged, said)
  if (verb !== 'credit') return decision
  const credit: Credited = { ...decision, credited: creditedUnits(judged, said) }
  return credit
}

/** The store's verdicts by budget and key. */
function partsOf(requests: readonly PolicyRequest[], { now, numbers, times }: Verdicts): Map<string, Part> {
  const parts = new Map<string, Part>()
  let from = 0
  requests.forEach((request, i) => {
    const end = from + request.budget.rules.length * VERDICT_SIZE
    const own = Array.from({ length: end - from }, (_, n) => numbers[from + n] as number)
    parts.set(nameOf(request), { request, numbers: own, time: times?.[i] ?? now })
    from = end
  })
  return parts
}

/** Requests of one budget under one key are one request of their sum: a store judges a key once in a decision. */
function mergeRequests(requests: readonly JointRequest[]): PolicyRequest[] {
  const merged = new Map<string, PolicyRequest>()
  for (const request of requests.flatMap(({ call }) => call.requests)) {
    const name = nameOf(request)
    const known = merged.get(name)
    if (known !== undefined && known.budget !== request.budget) throw twoRates(request)
    merged.set(name, {
      ...request,
      cost: Math.min(Number.MAX_SAFE_INTEGER, request.cost + (known?.cost ?? 0)),
    })
  }
  return [...merged.values()]
}

function nameOf({ budget, key }: PolicyRequest): string {
  return `${budget.policy} ${key}`
}

function twoRates({ budget }: PolicyRequest): Error {
  const what = `policy ${budget.policy} is asked under one key by two rates, of overrides or of limit`
  return invalid('requests', `${what}; decide these requests one after the other`)
}
