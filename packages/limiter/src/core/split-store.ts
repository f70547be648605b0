import { getOrAdd } from './get-or-add.ts'
import { spendId } from './spend-id.ts'
import { type Ask, type Refund, type Store, type Taken, VERDICT, type Verb, type Verdicts } from './store.ts'

/** Deals asks to a part. */
export type PartOf = (ask: Omit<Ask, 'cost'>) => number

/** The asks of one decision that belong to one part, and where they stood. */
interface Share {
  readonly part: Store
  readonly asks: Ask[]
  readonly places: number[]
}

type Answered = Share & { readonly verdicts: Verdicts }

/** Round trips of a denial: the question, the refund, and a look at what is left. */
const ROUNDS = 3

/**
 * Several stores as one: the shards of a Cluster, or stores with names. A decision within one part is that part's. One
 * across parts spends in all of them at once, and takes back what was spent when another part denies or fails (G5): an
 * admission costs the time of one round trip, a denial may hold units for the time of a second one (G3).
 */
export class SplitStore implements Store {
  readonly synchronous = false
  readonly parts: readonly Store[]
  readonly partOf: PartOf
  readonly #onGivenBack: (asks: readonly Ask[]) => void

  /** `onGivenBack` is told of units that were held while another part denied: denials meanwhile were due to them. */
  constructor(
    parts: readonly Store[],
    partOf: PartOf,
    onGivenBack: (asks: readonly Ask[]) => void = () => {},
  ) {
    this.parts = parts
    this.partOf = partOf
    this.#onGivenBack = onGivenBack
  }

  decide(verb: Verb, asks: readonly Ask[], deadlineMs?: number): Promise<Verdicts> {
    // Most decisions are of one ask: no list has to be made for them.
    const [lone] = asks
    if (lone !== undefined && asks.length === 1) return this.#part(lone).decide(verb, asks, deadlineMs)
    const shares = this.#deal(asks)
    const [only] = shares
    if (shares.length === 1 && only !== undefined) return only.part.decide(verb, asks, deadlineMs)
    return this.#decideAcross(verb, shares, deadlineMs)
  }

  take(ask: Ask, least: number, deadlineMs?: number): Promise<Taken> {
    const { take } = this.#part(ask)
    if (take === undefined) return Promise.reject(new TypeError('this part of the store cannot take'))
    return take.call(this.#part(ask), ask, least, deadlineMs)
  }

  async refund(refunds: readonly Refund[]): Promise<void> {
    await this.#each(refunds, (part, own) => part.refund(own))
  }

  async reset(asks: readonly Omit<Ask, 'cost'>[]): Promise<void> {
    await this.#each(asks, (part, own) => part.reset(own))
  }

  async ping(): Promise<void> {
    await Promise.all(this.parts.map(async (part) => part.ping?.()))
  }

  async heartbeat(id: string, lifetimeMs: number): Promise<number> {
    const counts = await Promise.allSettled(
      this.parts.map(async (part) => part.heartbeat?.(id, lifetimeMs) ?? 1),
    )
    const known = counts.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    if (known.length === 0) throw (counts[0] as PromiseRejectedResult).reason
    return Math.max(...known)
  }

  async close(): Promise<void> {
    await Promise.all(this.parts.map((part) => part.close()))
  }

  #part(ask: Omit<Ask, 'cost'>): Store {
    return this.parts[this.parts.length === 1 ? 0 : this.partOf(ask)] as Store
  }

  #deal(asks: readonly Ask[]): readonly Share[] {
    const shares = new Map<Store, Share>()
    asks.forEach((ask, place) => {
      const part = this.#part(ask)
      const share = getOrAdd(shares, part, () => ({ part, asks: [], places: [] }))
      share.asks.push(ask)
      share.places.push(place)
    })
    return [...shares.values()]
  }

  async #each<T extends Omit<Ask, 'cost'>>(
    all: readonly T[],
    call: (part: Store, own: readonly T[]) => Promise<void>,
  ): Promise<void> {
    const dealt = new Map<Store, T[]>()
    for (const one of all) getOrAdd(dealt, this.#part(one), () => []).push(one)
    const outcomes = await Promise.allSettled([...dealt].map(([part, own]) => call(part, own)))
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
  }

  async #decideAcross(
    verb: Verb,
    shares: readonly Share[],
    deadlineMs = Number.POSITIVE_INFINITY,
  ): Promise<Verdicts> {
    const startMs = performance.now()
    const outcomes = await Promise.allSettled(
      shares.map(async (share): Promise<Answered> => {
        return { ...share, verdicts: await share.part.decide(verb, share.asks, deadlineMs) }
      }),
    )
    const answers = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    const failure = outcomes.find((one) => one.status === 'rejected')
    const passing = answers.filter(passes)
    if (failure !== undefined) {
      if (verb !== 'peek') await this.#takeBack(passing)
      throw failure.reason
    }
    if (verb === 'charge' || passing.length === answers.length) return joined(answers)
    const given = verb === 'consume' ? this.#takeBack(passing) : undefined
    // Where two more round trips would miss the deadline, the denial is told as it is, with the units still held.
    if (ROUNDS * (performance.now() - startMs) > deadlineMs) return joined(answers)
    await given
    return joined(
      await Promise.all(answers.map(async (one) => (passes(one) ? unspent(one, deadlineMs) : one))),
    )
  }

  async #takeBack(spent: readonly Answered[]): Promise<void> {
    await Promise.all(spent.map(takeBack))
    for (const { asks } of spent) this.#onGivenBack(asks)
  }
}

function passes({ asks, verdicts: { numbers } }: Answered): boolean {
  let at = 0
  for (const { budget } of asks) {
    for (const _ of budget.rules) {
      if (numbers[at] !== 0) return false
      at += VERDICT
    }
  }
  return true
}

/** Takes the spends of one part back. Where that fails too, they stay spent until they have drained. */
async function takeBack({ part, asks, verdicts }: Answered): Promise<void> {
  const id = spendId()
  let at = 0
  const refunds = asks.map(({ budget, key, cost }, i): Refund => {
    const takenAtUs = timeOf(verdicts, i)
    const marks = budget.rules.map(() => {
      at += VERDICT
      return { takenAtUs, recoveredAtUs: takenAtUs + (verdicts.numbers[at - 1] as number) }
    })
    return { budget, key, cost, id, marks }
  })
  await part.refund(refunds).catch(() => {})
}

/** What one part that passes has left, since nothing is spent in it. */
function unspent(answer: Answered, deadlineMs?: number): Promise<Answered> {
  const { part, asks } = answer
  // What was asked passed before, so that only the state is of interest.
  const peek = part.decide(
    'peek',
    asks.map((ask) => ({ ...ask, cost: 0 })),
    deadlineMs,
  )
  return peek.then(
    (verdicts) => ({ ...answer, verdicts: { ...verdicts, numbers: Array.from(verdicts.numbers, admitted) } }),
    () => answer,
  )
}

/** When the store of one ask judged it: a part may be made of parts. */
function timeOf({ now, times }: Verdicts, i: number): number {
  return times?.[i] ?? now
}

function admitted(number: number, i: number): number {
  return i % VERDICT === 0 ? 0 : number
}

/** The verdicts of all parts in the order of the asks, each with the time of its own store. */
function joined(answers: readonly Answered[]): Verdicts {
  const rows: { numbers: number[]; time: number }[] = []
  for (const { asks, places, verdicts } of answers) {
    let at = 0
    asks.forEach(({ budget }, i) => {
      const end = at + budget.rules.length * VERDICT
      const numbers = Array.from(verdicts.numbers).slice(at, end)
      rows[places[i] as number] = { numbers, time: timeOf(verdicts, i) }
      at = end
    })
  }
  const times = rows.map(({ time }) => time)
  return { now: Math.max(...times), numbers: rows.flatMap(({ numbers }) => numbers), source: 'store', times }
}
