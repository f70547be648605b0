import { NEVER } from '../core/algorithm.ts'
import type { Budget } from '../core/budget.ts'
import type { Rule } from '../core/rule.ts'
import { type Ask, type Refund, type Taken, VERDICT, type Verdicts } from '../core/store.ts'
import { isFixedWindow } from './kinds.ts'

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

const GROWTH = 2
/** How much longer than the last one the next take may last without anybody having to wait for it. */
const LATENCY_MARGIN = 1.5
/** How long after its end a lease may still be given back: its process may be stalled. Stores remember it that long. */
const GIVE_BACK_US = 10_000_000
/** How long no take is tried after one that can never pass. */
const NEVER_US = 1_000_000

/**
 * The units that this process holds of one key, and how many of them the key needs: enough for half a lifetime at the
 * rate of late, at most doubled or halved with each take, so that one surprising call does not take everything, nor a pause end it.
 */
export class Lease {
  readonly budget: Budget
  readonly key: string
  readonly #max: number
  readonly #lifetimeUs: number
  #grants: Grant[] = []
  /** The grant that is being spent; what it has left stands below until another one is. */
  #front: Grant | null = null
  #left = 0
  /** What all others have left. */
  #rest = 0
  /** Until when these three hold: one of the grants ends; 0 where another grant is to be spent first. */
  #freshUntilUs = 0
  #size = 1
  /** How many units are too few. */
  #lowAt = 0
  /** What the last take left in the store, rule by rule. */
  #remaining: readonly number[] = []
  #tookUs = 0
  /** Units asked for since the last take, and when that was. */
  #demand = 0
  #demandSinceUs: number
  takeUnderWay: TakeUnderWay | null = null
  /** Until when the store would deny another take. */
  #deniedUntilUs = 0
  /** What becomes of units that arrive after it was forgotten: they are given back, or are no more. */
  end: 'none' | 'given-back' | 'lost' = 'none'

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
    if ((cost > this.#left || now >= this.#freshUntilUs) && !this.#turn(cost, now)) return null
    const left = this.#left - cost + this.#rest
    if (!looks) this.#left -= cost
    const { now: at, numbers } = this.#front as Grant
    verdicts.now = at
    verdicts.numbers = numbers.length === VERDICT ? lone : numbers.slice()
    this.#fill(verdicts.numbers, numbers, left)
    return verdicts
  }

  /** Units worth asking for now. */
  nextSize(cost: number, now: number): number {
    const rate = this.#demand / Math.max(1, now - this.#demandSinceUs)
    const wanted = Math.ceil((rate * this.#lifetimeUs) / 2)
    const least = Math.max(1, Math.floor(this.#size / GROWTH))
    this.#size = Math.min(this.#max, Math.max(least, Math.min(wanted, this.#size * GROWTH)))
    this.#lowAt = Math.max(this.#size / 2, Math.min(this.#max, rate * this.#tookUs * LATENCY_MARGIN))
    this.#demand = 0
    this.#demandSinceUs = now
    return Math.max(cost, this.#size)
  }

  /** Whether the last spend left so little that it is time to take more, before anybody has to wait for it. */
  isLow(now: number): boolean {
    return this.#left + this.#rest <= this.#lowAt && this.wantsMore(now)
  }

  /** Whether a take may begin. */
  wantsMore(now: number): boolean {
    return this.takeUnderWay === null && now >= this.#deniedUntilUs
  }

  /** Whether a call of this cost is not alone: the key was asked for before, within the lifetime. */
  isHot(now: number, cost: number): boolean {
    return this.takeUnderWay !== null || (this.#demand > cost && now - this.#demandSinceUs < this.#lifetimeUs)
  }

  /** Keeps what a take got beyond what its caller spends; answers what that caller is told. */
  add(
    { granted, now, numbers }: Taken,
    spent: number,
    { sentAtUs, at }: { sentAtUs: number; at: number },
  ): Verdicts {
    const { rules } = this.budget
    const own = Array.from(numbers).slice(0, rules.length * VERDICT)
    let lastsUs = this.#lifetimeUs
    rules.forEach(({ algorithm }, i) => {
      // Units of a window are no use after its edge; what the windows of a custom algorithm are, is not known.
      if (algorithm.custom === true || isFixedWindow(algorithm)) {
        lastsUs = Math.min(lastsUs, own[i * VERDICT + 2] as number)
      }
    })
    this.#tookUs = at - sentAtUs
    this.#remaining = rules.map((_, i) => own[i * VERDICT + 1] as number)
    const grant = { left: granted - spent, endsAtUs: sentAtUs + lastsUs, now, numbers: own }
    this.#settle()
    this.#grants = [...this.#grants.filter(({ left }) => left > 0), grant]
    this.#turn(0, at)
    const told = own.slice()
    this.#fill(told, own, this.#left + this.#rest)
    return { now, numbers: told, source: 'store' }
  }

  /** Notes that the store denied a take: until when it would deny another one. */
  denied({ numbers }: Taken, now: number): void {
    this.budget.rules.forEach((_, i) => {
      const wait = numbers[i * VERDICT] as number
      this.#deniedUntilUs = Math.max(this.#deniedUntilUs, now + (wait === NEVER ? NEVER_US : wait))
    })
  }

  /** Removes what is used up or, with `now`, has expired; answers what is to be given back. */
  sweep(now: number): Omit<Refund, 'id'>[] {
    if (this.#grants.length === 0) return []
    this.#settle()
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

  /** Turns to the first grant that has enough; false when none has. */
  #turn(cost: number, now: number): boolean {
    this.#settle()
    const valid = this.#grants.filter(({ left, endsAtUs }) => left > 0 && now < endsAtUs)
    const front = valid.find(({ left }) => left >= cost)
    if (front === undefined) return false
    this.#front = front
    this.#left = front.left
    this.#rest = valid.reduce((sum, { left }) => sum + left, -front.left)
    // What an earlier one has left goes first, if the next call asks for less.
    this.#freshUntilUs = front === valid[0] ? Math.min(...valid.map(({ endsAtUs }) => endsAtUs)) : 0
    return true
  }

  /** Notes what the front grant has left, and turns to none. */
  #settle(): void {
    if (this.#front !== null) this.#front.left = this.#left
    this.#front = null
    this.#left = 0
    this.#rest = 0
    this.#freshUntilUs = 0
  }

  /** What the store left, and what is left here. */
  #fill(numbers: number[], from: readonly number[], left: number): void {
    const { rules } = this.budget
    for (let i = 0, at = 0; at < from.length; i++, at += VERDICT) {
      numbers[at] = from[at] as number
      numbers[at + 1] = Math.min((rules[i] as Rule).capacity, (this.#remaining[i] as number) + left)
      numbers[at + 2] = from[at + 2] as number
    }
  }

  #refundOf({ left, now, numbers }: Grant): Omit<Refund, 'id'> {
    const marks = this.budget.rules.map((_, i) => ({
      takenAtUs: now,
      recoveredAtUs: now + (numbers[i * VERDICT + 2] as number),
    }))
    return {
      budget: this.budget,
      key: this.key,
      cost: left,
      marks,
      endsAtUs: now + this.#lifetimeUs + GIVE_BACK_US,
    }
  }
}
