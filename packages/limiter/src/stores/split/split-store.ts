import { VERDICT_SIZE, WAIT } from '../../core/algorithm.ts'
import { getOrAdd } from '../../core/get-or-add.ts'
import { receiptOf } from '../../core/rule-receipt.ts'
import { spendId } from '../../core/spend-id.ts'
import {
  type BudgetKey,
  type BudgetRequest,
  type DecideOptions,
  type Grant,
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

/** Deals keys to a part. */
export type PartOf = (key: BudgetKey) => number

/** The requests of one decision that belong to one part, and where they stood. */
interface PartRequest {
  readonly part: Store
  readonly requests: BudgetRequest[]
  readonly positions: number[]
}

type Answered = PartRequest & { readonly verdicts: Verdicts }

/** Round trips of a denial: the decision, the refund, and a look at what is left. */
const ROUNDS = 3

/**
 * Several stores as one: the shards of a Cluster, or stores with names. A decision within one part is that part's. One
 * across parts spends in all of them at once, and takes back what was spent when another part denies or fails (G5): an
 * admission costs the time of one round trip, a denial may hold units for the time of a second one (G3).
 */
export class SplitStore implements PartitionedStore, ProbedStore {
  readonly parts: readonly Store[]
  readonly partOf: PartOf
  /** There where every part queues. */
  declare readonly queues?: true
  /** There where every part can lease. */
  declare readonly acquire?: LeasingStore['acquire']
  readonly #onGivenBack: (keys: readonly BudgetKey[]) => void

  /** `onGivenBack` is told of units that were held while another part denied: denials meanwhile were due to them. */
  constructor(
    parts: readonly Store[],
    partOf: PartOf,
    onGivenBack: (keys: readonly BudgetKey[]) => void = () => {},
  ) {
    this.parts = parts
    this.partOf = partOf
    this.#onGivenBack = onGivenBack
    if (parts.every(isQueueing)) this.queues = true
    if (parts.every(isLeasing)) this.acquire = (...given) => this.#acquire(...given)
  }

  decide(verb: Verb, requests: readonly BudgetRequest[], options: DecideOptions = {}): Promise<Verdicts> {
    // Most decisions are of one request: no list has to be made for them.
    const [lone] = requests
    if (lone !== undefined && requests.length === 1) return this.#part(lone).decide(verb, requests, options)
    const shares = this.#deal(requests)
    const [only] = shares
    if (shares.length === 1 && only !== undefined) return only.part.decide(verb, requests, options)
    return this.#decideAcross(verb, shares, options)
  }

  async refund(asked: readonly Refund[]): Promise<readonly number[]> {
    // The same refund may be asked for twice, and each has an answer of its own.
    const refunds = asked.map((refund) => ({ ...refund }))
    const given = await this.#each(refunds, async (part, own) => [own, await part.refund(own)] as const)
    const units = new Map(
      given.flatMap(([own, some]) => own.map((refund, i) => [refund, some[i] ?? 0] as const)),
    )
    return refunds.map((refund) => units.get(refund) ?? 0)
  }

  async reset(keys: readonly BudgetKey[]): Promise<void> {
    await this.#each(keys, (part, own) => part.reset(own))
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

  #part(key: BudgetKey): Store {
    return this.parts[this.parts.length === 1 ? 0 : this.partOf(key)] as Store
  }

  #deal(requests: readonly BudgetRequest[]): readonly PartRequest[] {
    const shares = new Map<Store, PartRequest>()
    requests.forEach((request, position) => {
      const part = this.#part(request)
      const share = getOrAdd(shares, part, () => ({ part, requests: [], positions: [] }))
      share.requests.push(request)
      share.positions.push(position)
    })
    return [...shares.values()]
  }

  /** Calls every part that has some of it, and fails after all of them have ended. */
  async #each<T extends BudgetKey, R>(
    all: readonly T[],
    call: (part: Store, own: readonly T[]) => Promise<R>,
  ): Promise<R[]> {
    const dealt = new Map<Store, T[]>()
    for (const one of all) getOrAdd(dealt, this.#part(one), () => []).push(one)
    const outcomes = await Promise.allSettled([...dealt].map(([part, own]) => call(part, own)))
    return outcomes.map((outcome) => {
      if (outcome.status === 'rejected') throw outcome.reason
      return outcome.value
    })
  }

  async #decideAcross(verb: Verb, shares: readonly PartRequest[], options: DecideOptions): Promise<Verdicts> {
    const { deadlineMs = Number.POSITIVE_INFINITY } = options
    const startMs = performance.now()
    const outcomes = await Promise.allSettled(
      shares.map(async (share): Promise<Answered> => {
        return { ...share, verdicts: await share.part.decide(verb, share.requests, options) }
      }),
    )
    const answers = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    const failure = outcomes.find((one) => one.status === 'rejected')
    // What was given back cannot be taken again: each part credits what it can.
    if (verb === 'credit' && failure === undefined) return joined(answers)
    const passing = verb === 'credit' ? [] : answers.filter(passes)
    if (failure !== undefined) {
      // Nobody waits for it: what then decides does not depend on it.
      if (verb !== 'peek') void this.#takeBack(passing)
      throw failure.reason
    }
    if (passing.length === answers.length) return joined(answers)
    const given = verb === 'peek' ? undefined : this.#takeBack(passing)
    // Where two more round trips would miss the deadline, the denial is told as it is, with the units still held.
    if (ROUNDS * (performance.now() - startMs) > deadlineMs) return joined(answers)
    await given
    return joined(await Promise.all(answers.map(async (one) => (passes(one) ? unspent(one, options) : one))))
  }

  async #takeBack(spent: readonly Answered[]): Promise<void> {
    await Promise.all(spent.map(takeBack))
    for (const { requests } of spent) this.#onGivenBack(requests)
  }
}

function passes({ requests, verdicts: { numbers } }: Answered): boolean {
  let from = 0
  for (const { budget } of requests) {
    for (const _ of budget.rules) {
      if (numbers[from + WAIT] !== 0) return false
      from += VERDICT_SIZE
    }
  }
  return true
}

/** Takes the spends of one part back. Where that fails too, they stay spent until they have drained. */
async function takeBack({ part, requests, verdicts }: Answered): Promise<void> {
  const id = spendId()
  let begin = 0
  const refunds = requests.map(({ budget, key, cost }, i): Refund => {
    const rules = budget.rules.map((_, r) => {
      return receiptOf(verdicts.numbers, begin + r * VERDICT_SIZE, timeOf(verdicts, i))
    })
    begin += rules.length * VERDICT_SIZE
    return { budget, key, cost, id, rules }
  })
  await part.refund(refunds).catch(() => {})
}

/** What one part that passes has left, since nothing is spent in it. */
function unspent(answer: Answered, options: DecideOptions): Promise<Answered> {
  const { part, requests } = answer
  // What was asked passed before, so that only the state is of interest.
  const look = requests.map((request) => ({ ...request, cost: 0 }))
  return part.decide('peek', look, options).then(
    (verdicts) => ({ ...answer, verdicts: { ...verdicts, numbers: Array.from(verdicts.numbers, admitted) } }),
    () => answer,
  )
}

/** When the store of one request judged it: a part may be made of parts. */
function timeOf({ now, times }: Verdicts, i: number): number {
  return times?.[i] ?? now
}

function admitted(number: number, i: number): number {
  return i % VERDICT_SIZE === WAIT ? 0 : number
}

/** The verdicts of all parts in the order of the requests, each with the time of its own store. */
function joined(answers: readonly Answered[]): Verdicts {
  const rows: { numbers: number[]; time: number }[] = []
  for (const { requests, positions, verdicts } of answers) {
    let from = 0
    requests.forEach(({ budget }, i) => {
      const end = from + budget.rules.length * VERDICT_SIZE
      const numbers = Array.from(verdicts.numbers).slice(from, end)
      rows[positions[i] as number] = { numbers, time: timeOf(verdicts, i) }
      from = end
    })
  }
  const times = rows.map(({ time }) => time)
  return { now: Math.max(...times), numbers: rows.flatMap(({ numbers }) => numbers), source: 'store', times }
}
