import { BLOCKED, RECEIPT, VERDICT_SIZE } from '../../src/core/algorithm.ts'
import type { Budget } from '../../src/core/budget.ts'
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
import { least } from './model.ts'
import { giveBack, type Held, type Opened, open, recoversAt, remainingOf, spend } from './record.ts'
import {
  barredFor,
  blockedAt,
  isAhead,
  offendedAt,
  type Stands,
  spent,
  standsAt,
  undone,
} from './standing.ts'

/** The reference: the decision-level port on a plain Map, with exact models and no thought of speed or memory. */
export class ReferenceStore implements SyncStore, LeasingStore {
  readonly #clock: Pick<Clock, 'now'>
  readonly #keys = new Map<string, readonly Held[]>()
  readonly #stands = new Map<string, Stands>()
  readonly #refunded = new Set<string>()
  #drawn = 0

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock
  }

  decideSync(verb: Verb, requests: readonly BudgetRequest[]): Verdicts {
    const now = BigInt(this.#clock.now())
    this.#drawn += 2
    const opened = requests.map((request) => this.#open(request, now))
    const waits = requests.map((request, i) => waitsOf(verb, opened[i] as Opened, now, neededOf(request)))
    const isEnforced = verb === 'consume' || verb === 'peek'
    const barred = requests.map((key) => (isEnforced ? barredFor(this.#standing(key, now), now) : 0n))
    const admits = requests.every(({ budget }, i) => {
      return !budget.enforces || (barred[i] === 0n && together(budget, waits[i] as bigint[]))
    })
    const numbers = requests.flatMap((request, i) => {
      const one = { request, opened: opened[i] as Opened, now }
      if (verb === 'credit') return this.#credit(one)
      const own = waits[i] as bigint[]
      const isOffence = verb === 'consume' && !admits && barred[i] === 0n && this.#offends(one, own)
      const held = isOffence ? barredFor(this.#standing(request, now), now) : (barred[i] as bigint)
      const longer = own.map((wait) => (wait >= 0n && wait < held ? held : wait))
      const verdicts = this.#spend(one, verb, admits, longer)
      if (isOffence) this.#write(request, one.opened.own, one.opened, now)
      return verdicts.map((number, n) =>
        held > 0n && !isOffence && n % VERDICT_SIZE === RECEIPT ? BigInt(BLOCKED) : number,
      )
    })
    return { now: Number(now), numbers: numbers.map(Number), source: 'store' }
  }

  /** The largest size that passes, found by trying. */
  acquireSync(request: BudgetRequest, min: number): Grant {
    const now = BigInt(this.#clock.now())
    const opened = this.#open(request, now)
    const isBarred = barredFor(this.#standing(request, now), now) > 0n
    const passes = (cost: bigint): boolean =>
      !isBarred && together(request.budget, waitsOf('consume', opened, now, cost))
    let low = BigInt(min) - 1n
    let high = BigInt(Math.max(request.cost, min)) + 1n
    while (high - low > 1n) {
      const middle = (low + high) / 2n
      if (passes(middle)) low = middle
      else high = middle
    }
    const granted = low < BigInt(min) ? 0 : Number(low)
    return { ...this.decideSync('consume', [{ ...request, cost: granted || min, blameless: true }]), granted }
  }

  refundSync(refunds: readonly Refund[]): number[] {
    const now = BigInt(this.#clock.now())
    return refunds.map((refund) => this.#refund(refund, now))
  }

  resetSync(keys: readonly BudgetKey[]): void {
    for (const key of keys) {
      this.#keys.delete(idOf(key))
      this.#stands.delete(idOf(key))
    }
  }

  blockSync(keys: readonly BudgetKey[], lengthUs: number): void {
    const now = BigInt(this.#clock.now())
    for (const key of keys) {
      this.#stands.set(idOf(key), blockedAt(this.#standing(key, now), now, BigInt(lengthUs)))
    }
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

  async block(keys: readonly BudgetKey[], lengthUs: number): Promise<void> {
    this.blockSync(keys, lengthUs)
  }

  async close(): Promise<void> {}

  #standing(key: BudgetKey, now: bigint): Stands {
    return standsAt(this.#stands.get(idOf(key)) ?? {}, now)
  }

  /** Whether a denial is an offence, which it then notes: the first since a spend, by rules that a wait would satisfy. */
  #offends({ request, opened, now }: Request, waits: readonly bigint[]): boolean {
    const { budget, cost, blameless } = request
    const enforced = waits.filter((_, i) => !budget.rules[i]?.shadow)
    const isLimited = enforced.every((wait) => wait >= 0n) && enforced.some((wait) => wait > 0n)
    if (budget.bans === undefined || blameless || cost === 0 || !isLimited) return false
    const latest = opened.own
      .filter((_, i) => !budget.rules[i]?.shadow)
      .map(recoversAt)
      .reduce((a, b) => (a > b ? a : b))
    const { bans } = budget
    const after = offendedAt(this.#standing(request, now), now, { bans, recoversAt: latest })
    if (after !== null) this.#stands.set(idOf(request), after)
    return after !== null
  }

  #open(key: BudgetKey, now: bigint): Opened {
    const opened = open(this.#keys.get(idOf(key)) ?? [], key.budget, now)
    return isAhead(this.#stands.get(idOf(key)) ?? {}, now) ? { ...opened, mustWrite: true } : opened
  }

  #spend({ request, opened, now }: Request, verb: Verb, admits: boolean, waits: readonly bigint[]): bigint[] {
    const { budget, cost } = request
    const passes = together(budget, waits)
    const spends = opened.own.map((_, i) => {
      return admits && cost > 0 && (budget.rules[i]?.shadow ? waits[i] === 0n : passes)
    })
    const after = opened.own.map((held, i) =>
      spends[i] ? spend(held, now, BigInt(cost), this.#drawn) : held,
    )
    if (verb !== 'peek' && (spends.includes(true) || opened.mustWrite))
      this.#write(request, after, opened, now)
    const isNoted = spends.some((one, i) => one && !budget.rules[i]?.shadow)
    if (verb !== 'peek' && isNoted) this.#stands.set(idOf(request), spent(this.#standing(request, now)))
    return after.flatMap((held, i) => [
      ...standing(held, opened.full[i], now, waits[i]),
      ...receiptOf(held, spends[i] === true),
    ])
  }

  /** Gives back under each rule by itself; a key without a record is credited nothing. */
  #credit({ request, opened, now }: Request): bigint[] {
    const cost = BigInt(request.cost)
    const given = opened.own.map(({ model, state }) => model.credit(state, cost))
    const after = opened.own.map((held, i) => giveBack(held, given[i] as (typeof given)[number], true))
    const gives = cost > 0n && opened.own.some(({ model, state }) => model.used(state) > 0n)
    const isKnown = this.#keys.has(idOf(request)) || standsAgainst(this.#stands.get(idOf(request)))
    if (isKnown && (gives || opened.mustWrite)) this.#write(request, after, opened, now)
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
    const enforced: bigint[] = []
    const inShadow: bigint[] = []
    const after = opened.own.map((held, i) => {
      const receipt = refund.rules[i]
      if (receipt === undefined) return held
      const given = refund.budget.rules[i]?.shadow ? inShadow : enforced
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
    this.#write(refund, after, opened, now)
    const undoneAt = BigInt(refund.undoneAtUs ?? 0)
    this.#stands.set(idOf(refund), undone(this.#standing(refund, now), undoneAt))
    return Number(least(...(enforced.length > 0 ? enforced : inShadow)))
  }

  #write(key: BudgetKey, own: readonly Held[], { kept }: Opened, now: bigint): void {
    this.#keys.set(idOf(key), [...own, ...kept])
    this.#stands.set(idOf(key), this.#standing(key, now))
  }
}

/** Whether all rules of a budget pass that are not in shadow by themselves. */
function together({ rules }: Budget, waits: readonly bigint[]): boolean {
  return waits.every((wait, i) => rules[i]?.shadow || wait === 0n)
}

/** The units that have to be there. */
function neededOf({ budget, cost }: BudgetRequest): bigint {
  return BigInt(budget.overdraw ? Math.min(cost, 1) : cost)
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

function standsAgainst(stands: Stands | undefined): boolean {
  return stands?.offence !== undefined || stands?.block !== undefined
}
