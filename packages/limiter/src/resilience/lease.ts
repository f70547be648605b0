import type { Budget } from '../core/budget.ts'
import { type Ask, type Refund, type Taken, VERDICT, type Verdicts } from '../core/store.ts'

/** Units taken in one step, to be spent here until they expire. */
interface Grant {
  left: number
  /** Counted from sending the take, so that it ends no later than the store thinks (G8). */
  readonly endsAtUs: number
  /** What the store said: its time and its verdicts. */
  readonly now: number
  readonly numbers: readonly number[]
}

/** The take of one key that is under way. */
export interface TakeUnderWay {
  readonly answer: Promise<unknown>
  /** Units asked for that nobody waits for yet. */
  unclaimed: number
}

const lone = [0, 0, 0]
const verdicts = { now: 0, numbers: lone, source: 'lease' as const }

/** What the store left, and what is left here. */
function fill(numbers: number[], from: readonly number[], left: number): void {
  for (let at = 0; at < from.length; at += VERDICT) {
    numbers[at] = from[at] as number
    numbers[at + 1] = (from[at + 1] as number) + left
    numbers[at + 2] = from[at + 2] as number
  }
}

const EDGED = new Set(['first-hit', 'epoch', 'calendar'])
const GROWTH = 2

/**
 * The units that this process holds of one key, and how many of them the key needs: enough for half a lifetime at the
 * rate of late, at most doubled with each take, so that one surprising call does not take everything.
 */
export class Lease {
  readonly budget: Budget
  readonly key: string
  readonly #max: number
  readonly #lifetimeUs: number
  #grants: Grant[] = []
  #size = 1
  /** Units asked for since the last take, and when that was. */
  #demand = 0
  #demandSinceUs: number
  takeUnderWay: TakeUnderWay | null = null
  /** Until when the store would deny another take. */
  deniedUntilUs = 0

  constructor({ budget, key }: Omit<Ask, 'cost'>, now: number) {
    const { max, lifetimeUs } = budget.lease as NonNullable<Budget['lease']>
    this.budget = budget
    this.key = key
    this.#max = max
    this.#lifetimeUs = lifetimeUs
    this.#demandSinceUs = now
  }

  /** Counts what is asked for, whoever answers it. */
  asked(cost: number): void {
    this.#demand += cost
  }

  /**
   * What a call of this cost gets from here, spending it unless it only looks; null when it has to be asked for. One
   * object answers all calls: it is read before the next one.
   */
  spend(cost: number, now: number, looks: boolean): Verdicts | null {
    const grants = this.#grants
    for (let i = 0; i < grants.length; i++) {
      const grant = grants[i] as Grant
      if (grant.left < cost || now >= grant.endsAtUs) continue
      if (!looks) grant.left -= cost
      const left = grants.length === 1 ? grant.left : this.#left(now)
      verdicts.now = grant.now
      const numbers = grant.numbers.length === VERDICT ? lone : grant.numbers.slice()
      fill(numbers, grant.numbers, looks ? left - cost : left)
      verdicts.numbers = numbers
      return verdicts
    }
    return null
  }

  /** Units worth asking for now. */
  nextSize(cost: number, now: number): number {
    const elapsedUs = Math.max(1, now - this.#demandSinceUs)
    const wanted = Math.ceil((this.#demand * this.#lifetimeUs) / elapsedUs / 2)
    this.#size = Math.min(this.#max, Math.max(1, Math.min(wanted, this.#size * GROWTH)))
    this.#demand = 0
    this.#demandSinceUs = now
    return Math.max(cost, this.#size)
  }

  /** Whether it is time to take more, so that nobody has to wait for it. */
  isLow(now: number): boolean {
    const grants = this.#grants
    const left = grants.length === 1 ? (grants[0] as Grant).left : this.#left(now)
    return left * 2 <= this.#size && this.wantsMore(now)
  }

  /** Whether a take may begin. */
  wantsMore(now: number): boolean {
    return this.takeUnderWay === null && now >= this.deniedUntilUs
  }

  /** Whether more than single units are worth taking: the key was asked for again within the lifetime. */
  isHot(now: number): boolean {
    return this.#demand > 1 && now - this.#demandSinceUs < this.#lifetimeUs
  }

  /** Keeps what a take got beyond what its caller spends; answers what that caller is told. */
  add({ granted, now, numbers }: Taken, spent: number, sentAtUs: number): Verdicts {
    const own = Array.from({ length: this.budget.rules.length * VERDICT }, (_, i) => numbers[i] as number)
    let lastsUs = this.#lifetimeUs
    this.budget.rules.forEach(({ algorithm }, i) => {
      // Units of a window are no use after its edge.
      if (EDGED.has(algorithm.kind)) lastsUs = Math.min(lastsUs, own[i * VERDICT + 2] as number)
    })
    const grant = { left: granted - spent, endsAtUs: sentAtUs + lastsUs, now, numbers: own }
    this.#grants = [...this.#grants.filter(({ left }) => left > 0), grant]
    const told = own.slice()
    fill(told, own, this.#left(sentAtUs))
    return { now, numbers: told, source: 'store' }
  }

  /** Removes what is used up or, with `now`, has expired; answers what is to be given back. */
  sweep(now: number): Omit<Refund, 'id'>[] {
    const over = this.#grants.filter(({ left, endsAtUs }) => left === 0 || now >= endsAtUs)
    if (over.length === 0) return []
    this.#grants = this.#grants.filter((grant) => !over.includes(grant))
    return over.filter(({ left }) => left > 0).map((grant) => this.#refundOf(grant))
  }

  /** Whether it can be forgotten: nothing is held, and nobody asked for a while. */
  isIdle(now: number): boolean {
    const recent = now - this.#demandSinceUs < 2 * this.#lifetimeUs
    return this.#grants.length === 0 && this.takeUnderWay === null && !recent
  }

  #left(now: number): number {
    let sum = 0
    for (const { left, endsAtUs } of this.#grants) if (now < endsAtUs) sum += left
    return sum
  }

  #refundOf({ left, now, numbers }: Grant): Omit<Refund, 'id'> {
    const marks = this.budget.rules.map((_, i) => ({
      takenAtUs: now,
      recoveredAtUs: now + (numbers[i * VERDICT + 2] as number),
    }))
    return { budget: this.budget, key: this.key, cost: left, marks }
  }
}
