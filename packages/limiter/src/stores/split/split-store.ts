import { VERDICT_SIZE, WAIT } from '../../core/algorithm.ts'
import {
  type Claim,
  type Claimed,
  type ClaimingStore,
  isClaiming,
  keyOfClaim,
} from '../../core/claiming-store.ts'
import { type DocumentStore, isDocumentStore } from '../../core/document-store.ts'
import { getOrAdd } from '../../core/get-or-add.ts'
import { passes, spendingRules } from '../../core/passing.ts'
import { ruleReceiptOf } from '../../core/rule-receipt.ts'
import { isSecretStore, type SecretStore } from '../../core/secret-store.ts'
import { spendId } from '../../core/spend-id.ts'
import {
  type BudgetKey,
  type BudgetRequest,
  type ClearableStore,
  type DecideOptions,
  type Grant,
  isClearable,
  isLeasing,
  isProbed,
  isQueueing,
  type LeasingStore,
  type PartitionedStore,
  type ProbedStore,
  type Refund,
  type Store,
  type Verb,
  type Verdicts,
} from '../../core/store.ts'

/** Returns the index of the part that a key belongs to. */
export type PartOf = (key: BudgetKey) => number

/** The requests of one decision that belong to one part, and their positions in the decision. */
interface PartGroup {
  readonly part: Store
  readonly requests: BudgetRequest[]
  readonly positions: number[]
}

type AnsweredGroup = PartGroup & { readonly verdicts: Verdicts }

/** Round trips of a denial: the decision, the refund, and a peek at what remains then. */
const DENIAL_ROUND_TRIPS = 3

/**
 * Several stores as one: the shards of a Cluster, or named stores. A decision within one part is made by that part. One
 * across parts spends in all of them in parallel, and refunds what was spent when another part denies or fails (G5): an
 * admission takes one round trip; a denial may hold units for the time of a second one (G3).
 */
export class SplitStore implements PartitionedStore, ProbedStore {
  readonly parts: readonly Store[]
  readonly partOf: PartOf
  /** Present if every part queues. */
  declare readonly queues?: true
  /** Present if every part can lease. */
  declare readonly acquire?: LeasingStore['acquire']
  /** Present if every part has claims. */
  declare readonly claim?: ClaimingStore['claim']
  declare readonly unclaim?: ClaimingStore['unclaim']
  /** Present if every part can be cleared. */
  declare readonly clear?: ClearableStore['clear']
  /** Present if every part has secrets: those of the first part are used. */
  declare readonly secrets?: SecretStore['secrets']
  /** Present if the first part keeps documents: those of that one are used. */
  declare readonly readDocument?: DocumentStore['readDocument']
  declare readonly putDocument?: DocumentStore['putDocument']
  readonly #onRefunded: (keys: readonly BudgetKey[]) => void

  /**
   * `onRefunded` gets the keys whose units were held while another part denied: denials meanwhile may be due to them.
   */
  constructor(
    parts: readonly Store[],
    partOf: PartOf,
    onRefunded: (keys: readonly BudgetKey[]) => void = () => {},
  ) {
    this.parts = parts
    this.partOf = partOf
    this.#onRefunded = onRefunded
    if (parts.every(isQueueing)) this.queues = true
    if (parts.every(isLeasing)) this.acquire = (...given) => this.#acquire(...given)
    if (parts.every(isClaiming)) {
      this.claim = (claim: Claim): Promise<Claimed> => this.#claimingPart(claim.id).claim(claim)
      this.unclaim = (id: string): Promise<void> => this.#claimingPart(id).unclaim(id)
    }
    if (parts.every(isClearable)) {
      this.clear = async () => void (await Promise.all(parts.map((part) => (part as ClearableStore).clear())))
    }
    if (parts.every(isSecretStore)) this.secrets = (offer) => (parts[0] as SecretStore).secrets(offer)
    const [first] = parts
    if (first !== undefined && isDocumentStore(first)) {
      this.readDocument = (...given) => first.readDocument(...given)
      this.putDocument = (...given) => first.putDocument(...given)
    }
  }

  decide(verb: Verb, requests: readonly BudgetRequest[], options: DecideOptions = {}): Promise<Verdicts> {
    // Most decisions have one request and need no grouping.
    const [first] = requests
    if (first !== undefined && requests.length === 1) return this.#part(first).decide(verb, requests, options)
    const groups = this.#groupByPart(requests)
    const [only] = groups
    if (groups.length === 1 && only !== undefined) return only.part.decide(verb, requests, options)
    return this.#decideAcross(verb, groups, options)
  }

  async refund(requested: readonly Refund[]): Promise<readonly number[]> {
    // Copied, so that the map below tells a refund that is listed twice apart: each has a result of its own.
    const refunds = requested.map((refund) => ({ ...refund }))
    const given = await this.#forEachPart(
      refunds,
      async (part, own) => [own, await part.refund(own)] as const,
    )
    const units = new Map(
      given.flatMap(([own, some]) => own.map((refund, i) => [refund, some[i] ?? 0] as const)),
    )
    return refunds.map((refund) => units.get(refund) ?? 0)
  }

  async reset(keys: readonly BudgetKey[]): Promise<void> {
    await this.#forEachPart(keys, (part, own) => part.reset(own))
  }

  async block(keys: readonly BudgetKey[], lengthUs: number): Promise<void> {
    await this.#forEachPart(keys, (part, own) => part.block(own, lengthUs))
  }

  async ping(): Promise<void> {
    await Promise.all(this.parts.filter(isProbed).map((part) => part.ping()))
  }

  async heartbeat(id: string, lifetimeMs: number): Promise<number> {
    const counts = await Promise.allSettled(
      this.parts.map(async (part) => (isProbed(part) ? part.heartbeat(id, lifetimeMs) : 1)),
    )
    const known = counts.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    if (known.length === 0) throw (counts[0] as PromiseRejectedResult).reason
    return Math.max(...known)
  }

  async close(): Promise<void> {
    await Promise.all(this.parts.map((part) => part.close()))
  }

  #acquire(request: BudgetRequest, min: number, options?: DecideOptions): Promise<Grant> {
    return (this.#part(request) as LeasingStore).acquire(request, min, options)
  }

  #claimingPart(id: string): ClaimingStore {
    return this.#part(keyOfClaim(id)) as ClaimingStore
  }

  #part(key: BudgetKey): Store {
    return this.parts[this.parts.length === 1 ? 0 : this.partOf(key)] as Store
  }

  #groupByPart(requests: readonly BudgetRequest[]): readonly PartGroup[] {
    const groups = new Map<Store, PartGroup>()
    requests.forEach((request, position) => {
      const part = this.#part(request)
      const group = getOrAdd(groups, part, () => ({ part, requests: [], positions: [] }))
      group.requests.push(request)
      group.positions.push(position)
    })
    return [...groups.values()]
  }

  /** Calls every part with its own elements; waits for all calls before it rejects. */
  async #forEachPart<T extends BudgetKey, R>(
    all: readonly T[],
    call: (part: Store, own: readonly T[]) => Promise<R>,
  ): Promise<R[]> {
    const byPart = new Map<Store, T[]>()
    for (const one of all) getOrAdd(byPart, this.#part(one), () => []).push(one)
    const outcomes = await Promise.allSettled([...byPart].map(([part, own]) => call(part, own)))
    return outcomes.map((outcome) => {
      if (outcome.status === 'rejected') throw outcome.reason
      return outcome.value
    })
  }

  async #decideAcross(verb: Verb, groups: readonly PartGroup[], options: DecideOptions): Promise<Verdicts> {
    const { deadlineMs = Number.POSITIVE_INFINITY } = options
    const startMs = performance.now()
    const count = groups.reduce((sum, { requests }) => sum + requests.length, 0)
    const merge = (answers: readonly AnsweredGroup[]): Verdicts => mergeVerdicts(answers, count)
    const outcomes = await Promise.allSettled(
      groups.map(async (group): Promise<AnsweredGroup> => {
        return answered(group, await group.part.decide(verb, group.requests, options))
      }),
    )
    const answers = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    // A part of which only policies in shadow are asked denies nothing, and so fails nothing.
    const failure = outcomes.find((one, i) => {
      return one.status === 'rejected' && (answers.length === 0 || groups[i]?.requests.some(enforces))
    }) as PromiseRejectedResult | undefined
    // A credit cannot be undone, so each part credits what it can.
    if (verb === 'credit' && failure === undefined) return merge(answers)
    const passing = verb === 'credit' ? [] : answers.filter(admits)
    if (failure !== undefined) {
      // Not awaited: the fallback decides next, and does not depend on it.
      if (verb !== 'peek') void this.#undo(passing)
      throw failure.reason
    }
    if (passing.length === answers.length) return merge(answers)
    const undone = verb === 'peek' ? undefined : this.#undo(passing)
    // If two more round trips would miss the deadline, the denial reports numbers with the units still held.
    if (DENIAL_ROUND_TRIPS * (performance.now() - startMs) > deadlineMs) return merge(answers)
    await undone
    return merge(
      await Promise.all(answers.map(async (one) => (admits(one) ? peekUnspent(one, options) : one))),
    )
  }

  async #undo(spent: readonly AnsweredGroup[]): Promise<void> {
    await Promise.all(spent.map(refundSpends))
    for (const { requests } of spent) this.#onRefunded(requests)
  }
}

/** The answer of a part, which may consist of parts, not all of which answered. */
function answered({ part, requests, positions }: PartGroup, verdicts: Verdicts): AnsweredGroup {
  const { judged = requests } = verdicts
  const isJudged = (request: BudgetRequest): boolean => judged.includes(request)
  return {
    part,
    requests: requests.filter(isJudged),
    positions: positions.filter((_, i) => isJudged(requests[i] as BudgetRequest)),
    verdicts,
  }
}

function enforces({ budget }: BudgetRequest): boolean {
  return budget.enforces
}

function admits({ requests, verdicts: { numbers } }: AnsweredGroup): boolean {
  return passes(requests, numbers)
}

/** Refunds the spends of one part. If that fails, they stay spent until they have drained. */
async function refundSpends({ part, requests, verdicts }: AnsweredGroup): Promise<void> {
  const id = spendId()
  const spending = spendingRules(requests, verdicts.numbers)
  let first = 0
  const refunds = requests.map(({ budget, key, cost }, i): Refund => {
    const rules = budget.rules.map((_, r) => {
      const from = (first + r) * VERDICT_SIZE
      return spending[first + r] ? ruleReceiptOf(verdicts.numbers, from, timeOf(verdicts, i)) : undefined
    })
    first += rules.length
    const undoneAtUs = budget.bans === undefined ? undefined : timeOf(verdicts, i)
    return { budget, key, cost, id, rules, undoneAtUs }
  })
  await part.refund(refunds.filter(({ rules }) => rules.some((rule) => rule !== undefined))).catch(() => {})
}

/**
 * The verdicts of a part whose spends were refunded: what remains there, and the waits told before, since rules that had
 * passed have none.
 */
function peekUnspent(answer: AnsweredGroup, options: DecideOptions): Promise<AnsweredGroup> {
  const { part, requests } = answer
  const peeks = requests.map((request) => ({ ...request, cost: 0 }))
  return part.decide('peek', peeks, options).then(
    (verdicts) => ({
      ...answer,
      verdicts: { ...verdicts, numbers: withWaits(verdicts.numbers, answer.verdicts.numbers) },
    }),
    () => answer,
  )
}

/** The time by which a request was judged. Parts have clocks of their own, and may consist of parts. */
function timeOf({ now, times }: Verdicts, i: number): number {
  return times?.[i] ?? now
}

function withWaits(numbers: ArrayLike<number>, told: ArrayLike<number>): number[] {
  return Array.from(numbers, (number, i) => (i % VERDICT_SIZE === WAIT ? (told[i] as number) : number))
}

/**
 * The verdicts of all parts that answered, in the order of the requests, with the time of each one's store. `judged` is set
 * where these are not all `count` requests.
 */
function mergeVerdicts(answers: readonly AnsweredGroup[], count: number): Verdicts {
  const rows: { request: BudgetRequest; numbers: number[]; time: number }[] = []
  for (const { requests, positions, verdicts } of answers) {
    let from = 0
    requests.forEach((request, i) => {
      const end = from + request.budget.rules.length * VERDICT_SIZE
      const numbers = Array.from(verdicts.numbers).slice(from, end)
      rows[positions[i] as number] = { request, numbers, time: timeOf(verdicts, i) }
      from = end
    })
  }
  // Without the holes of parts that did not answer.
  const known = rows.filter(() => true)
  const times = known.map(({ time }) => time)
  const numbers = known.flatMap((row) => row.numbers)
  const judged = known.length === count ? undefined : known.map(({ request }) => request)
  return { now: Math.max(...times), numbers, source: 'store', times, judged }
}
