import { RECEIPT, VERDICT_SIZE } from '../../src/core/algorithm.ts'
import type { Clock } from '../../src/core/clock.ts'
import {
  type BudgetKey,
  type BudgetRequest,
  type Grant,
  type LeasingStore,
  type Refund,
  refundExpiryUs,
  type SyncStore,
  TOO_MANY_WINDOWS,
  type Verb,
  type Verdicts,
} from '../../src/core/store.ts'
import { giveBack, type Held, type Opened, open, recoversAt, remainingOf, spend } from './record.ts'

/** The reference: the decision-level port on a plain Map, with exact models and no thought of speed or memory. */
export class ReferenceStore implements SyncStore, LeasingStore {
  readonly #clock: Pick<Clock, 'now'>
  readonly #keys = new Map<string, readonly Held[]>()
  readonly #refunded = new Set<string>()
  #drawn = 0

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock
  }

  decideSync(verb: Verb, requests: readonly BudgetRequest[]): Verdicts {
    const now = BigInt(this.#clock.now())
    this.#drawn += 2
    const opened = requests.map((request) => this.#open(request, now))
    const waits = requests.map(({ cost }, i) => waitsOf(verb, opened[i] as Opened, now, BigInt(cost)))
    const passes = waits.flat().every((wait) => wait === 0n)
    const numbers = requests.flatMap((request, i) => {
      const one = { request, opened: opened[i] as Opened, now }
      if (verb === 'credit') return this.#credit(one)
      return this.#spend(one, verb, passes, waits[i] as bigint[])
    })
    return { now: Number(now), numbers: numbers.map(Number), source: 'store' }
  }

  /** The largest size that passes, found by trying. */
  acquireSync(request: BudgetRequest, min: number): Grant {
    const now = BigInt(this.#clock.now())
    const opened = this.#open(request, now)
    const passes = (cost: bigint): boolean =>
      waitsOf('consume', opened, now, cost).every((wait) => wait === 0n)
    let low = BigInt(min) - 1n
    let high = BigInt(Math.max(request.cost, min)) + 1n
    while (high - low > 1n) {
      const middle = (low + high) / 2n
      if (passes(middle)) low = middle
      else high = middle
    }
    const granted = low < BigInt(min) ? 0 : Number(low)
    return { ...this.decideSync('consume', [{ ...request, cost: granted || min }]), granted }
  }

  refundSync(refunds: readonly Refund[]): number[] {
    const now = BigInt(this.#clock.now())
    return refunds.map((refund) => this.#refund(refund, now))
  }

  resetSync(keys: readonly BudgetKey[]): void {
    for (const key of keys) this.#keys.delete(idOf(key))
  }

  async decide(verb: Verb, requests: readonly BudgetRequest[]): Promise<Verdicts> {
    return this.decideSync(verb, requests)
  }

  async acquire(request: BudgetRequest, min: number): Promise<Grant> {
    return this.acquireSync(request, min)
  }

  async refund(refunds: readonly Refund[]): Promise<number[]> {
    return this.refundSync(refunds)
  }

  async reset(keys: readonly BudgetKey[]): Promise<void> {
    this.resetSync(keys)
  }

  async close(): Promise<void> {}

  #open(key: BudgetKey, now: bigint): Opened {
    return open(this.#keys.get(idOf(key)) ?? [], key.budget, now)
  }

  #spend({ request, opened, now }: Request, verb: Verb, passes: boolean, waits: readonly bigint[]): bigint[] {
    const spends = passes && request.cost > 0
    const after = spends
      ? opened.own.map((held) => spend(held, now, BigInt(request.cost), this.#drawn))
      : opened.own
    if (verb !== 'peek' && (spends || opened.mustWrite)) this.#write(request, after, opened)
    return after.flatMap((held, i) => [
      ...standing(held, opened.full[i], now, waits[i]),
      ...receiptOf(held, spends),
    ])
  }

  /** Gives back under each rule by itself; a key without a record is credited nothing. */
  #credit({ request, opened, now }: Request): bigint[] {
    const cost = BigInt(request.cost)
    const given = opened.own.map(({ model, state }) => model.credit(state, cost))
    const after = opened.own.map((held, i) => giveBack(held, given[i] as (typeof given)[number], true))
    const gives = cost > 0n && opened.own.some(({ model, state }) => model.used(state) > 0n)
    const isKnown = this.#keys.has(idOf(request))
    if (isKnown && (gives || opened.mustWrite)) this.#write(request, after, opened)
    return after.flatMap((held, i) => [
      ...standing(held, opened.full[i], now, given[i]?.units),
      ...receiptOf(held, false),
    ])
  }

  #refund(refund: Refund, now: bigint): number {
    const spent = `${refund.id} ${idOf(refund)}`
    const opened = this.#open(refund, now)
    const isSame = ({ incarnation }: Held, i: number): boolean =>
      incarnation !== 0 && refund.rules[i]?.incarnation === incarnation
    const isOver = BigInt(refundExpiryUs(refund)) <= now
    if (isOver || this.#refunded.has(spent) || !opened.own.some(isSame)) return 0
    this.#refunded.add(spent)
    const given: bigint[] = []
    const after = opened.own.map((held, i) => {
      const receipt = refund.rules[i]
      if (receipt === undefined) return held
      if (!isSame(held, i)) given.push(0n)
      if (!isSame(held, i)) return held
      const back = held.model.refund(held.state, now, BigInt(refund.cost), {
        stood: BigInt(receipt.stood),
        since: BigInt(receipt.since),
        returned: held.returned - BigInt(receipt.returned),
        credited: held.credited - BigInt(receipt.credited),
      })
      given.push(back.units)
      return giveBack(held, back, false)
    })
    this.#write(refund, after, opened)
    return Number(given.reduce((a, b) => (a < b ? a : b)))
  }

  #write(key: BudgetKey, own: readonly Held[], { kept }: Opened): void {
    this.#keys.set(idOf(key), [...own, ...kept])
  }
}

interface Request {
  readonly request: BudgetRequest
  readonly opened: Opened
  readonly now: bigint
}

function idOf({ budget, key }: BudgetKey): string {
  return JSON.stringify([budget.policy, key])
}

function waitsOf(verb: Verb, { own, full }: Opened, now: bigint, cost: bigint): bigint[] {
  return own.map(({ model, state }, i) => {
    if (full[i] !== 0n) return BigInt(TOO_MANY_WINDOWS)
    if (verb === 'charge' || verb === 'credit') return 0n
    return cost > model.capacity ? -1n : model.wait(state, now, cost)
  })
}

/** What stands at `WAIT`, then what remains and when all of it is back. */
function standing(held: Held, full: bigint | undefined, now: bigint, first: bigint | undefined): bigint[] {
  const until = full || recoversAt(held)
  return [first ?? 0n, remainingOf(held), until === 0n ? 0n : until - now]
}

function receiptOf({ incarnation, returned, credited, model, state }: Held, isSpent: boolean): bigint[] {
  if (!isSpent) return Array.from({ length: VERDICT_SIZE - RECEIPT }, () => 0n)
  const { stood, since } = model.standing(state)
  return [BigInt(incarnation), returned, credited, stood, since]
}
