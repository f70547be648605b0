import { NEVER } from '../core/algorithm.ts'
import type { BucketTerms } from '../core/algorithms/bucket.ts'
import type { Clock } from '../core/clock.ts'
import { getOrAdd } from '../core/get-or-add.ts'
import type { Rule } from '../core/rule.ts'
import { type Ask, VERDICT, type Verdicts } from '../core/store.ts'
import { isFixedWindow } from './kinds.ts'

/** When a question was sent: by the clock, and among the questions and changes of this process. */
export interface Sent {
  readonly atUs: number
  readonly turn: number
}

/** One denial: what was asked for, what the store said, and until when that can be said again. */
interface Denial {
  readonly asks: readonly Ask[]
  readonly numbers: readonly number[]
  readonly answeredAtUs: number
  readonly untilUs: number
}

/** Longest that a denial is repeated, so that refunds and resets of other processes show. */
const LONGEST_US = 1_000_000

/** Denials by what was asked together: of one budget alone no wait is known for it and another one. */
export class Denials {
  readonly #max: number
  readonly #byName = new Map<string, Denial>()
  /** Names of the denials of several keys, by each of them. */
  readonly #joint = new Map<string, Set<string>>()
  /** When a key was last changed, for the answers that were under way then. */
  readonly #changed = new Map<string, number>()
  #underWay = 0
  #turn = 0
  /** What was asked before it is of no use. */
  #first = 0

  constructor(max: number) {
    this.#max = max
  }

  /** The verdicts of a question that is bound to be denied, or null. */
  find(asks: readonly Ask[], clock: Clock): Verdicts | null {
    if (this.#byName.size === 0) return null
    const name = nameOfAll(asks)
    const denial = this.#byName.get(name)
    return denial === undefined ? null : this.#repeat(name, denial, asks, clock.now())
  }

  findOne(ask: Ask, clock: Clock): Verdicts | null {
    if (this.#byName.size === 0) return null
    const name = nameOf(ask)
    const denial = this.#byName.get(name)
    return denial === undefined ? null : this.#repeat(name, denial, [ask], clock.now())
  }

  /** Notes that a question is sent now; `settled` has to follow. */
  sent(atUs: number): Sent {
    this.#underWay++
    return { atUs, turn: ++this.#turn }
  }

  settled(): void {
    if (--this.#underWay === 0) this.#changed.clear()
  }

  /** Remembers what the store denied; where it spent, those who are denied more have to wait longer. */
  note(asks: readonly Ask[], { numbers, source }: Verdicts, sent: Sent, clock: Clock): void {
    if (source !== 'store') return
    const length = VERDICT * asks.reduce((rules, { budget }) => rules + budget.rules.length, 0)
    const waitUs = longestWait(numbers, length)
    if (waitUs === 0) this.drop(asks)
    if (waitUs === 0 || this.#isChanged(asks, sent.turn)) return
    const own = Array.from({ length }, (_, i) => numbers[i] as number)
    const untilUs = sent.atUs + Math.min(waitUs, LONGEST_US)
    this.#add({ asks, numbers: own, answeredAtUs: clock.now(), untilUs })
  }

  /** Ends the denials of these keys. */
  drop(asks: readonly Omit<Ask, 'cost'>[]): void {
    if (this.#byName.size === 0) return
    for (const ask of asks) {
      const key = nameOf(ask)
      this.#byName.delete(key)
      for (const name of this.#joint.get(key) ?? []) this.#remove(name)
    }
  }

  /** Ends the denials of these keys, also of questions that were sent before now. */
  forget(asks: readonly Omit<Ask, 'cost'>[]): void {
    this.drop(asks)
    if (this.#underWay === 0) return
    for (const ask of asks) this.#changed.set(nameOf(ask), ++this.#turn)
    if (this.#changed.size <= this.#max) return
    this.#changed.clear()
    this.#first = ++this.#turn
  }

  #repeat(name: string, denial: Denial, asks: readonly Ask[], now: number): Verdicts | null {
    if (now < denial.untilUs) {
      const numbers = repeated(denial, asks, now)
      return numbers === null ? null : { now, numbers, source: 'deny-cache' }
    }
    this.#remove(name)
    return null
  }

  #add(denial: Denial): void {
    const name = nameOfAll(denial.asks)
    const known = this.#byName.get(name)
    // The least cost that was denied tells of more calls than another one.
    if (known && isCheaper(known, denial) && denial.answeredAtUs < known.untilUs) return
    this.#remove(name)
    this.#byName.set(name, denial)
    if (denial.asks.length > 1) {
      for (const ask of denial.asks) getOrAdd(this.#joint, nameOf(ask), () => new Set<string>()).add(name)
    }
    const [oldest] = this.#byName.keys()
    if (this.#byName.size > this.#max && oldest !== undefined) this.#remove(oldest)
  }

  #remove(name: string): void {
    const denial = this.#byName.get(name)
    this.#byName.delete(name)
    if (denial === undefined || denial.asks.length === 1) return
    for (const ask of denial.asks) {
      const names = this.#joint.get(nameOf(ask))
      names?.delete(name)
      if (names?.size === 0) this.#joint.delete(nameOf(ask))
    }
  }

  #isChanged(asks: readonly Ask[], turn: number): boolean {
    if (turn < this.#first) return true
    return this.#changed.size > 0 && asks.some((ask) => (this.#changed.get(nameOf(ask)) ?? 0) > turn)
  }
}

function nameOf({ budget, key }: Omit<Ask, 'cost'>): string {
  return `${budget.policy}\n${key}`
}

function nameOfAll(asks: readonly Ask[]): string {
  return asks.length === 1 ? nameOf(asks[0] as Ask) : asks.map(nameOf).join('\n\n')
}

function isCheaper({ asks }: Denial, than: Denial): boolean {
  const alike = asks.every(({ budget }, i) => budget === than.asks[i]?.budget)
  return alike && asks.some(({ cost }, i) => cost < (than.asks[i] as Ask).cost)
}

/** How long not all of it passes; 0 when it passed. */
function longestWait(numbers: ArrayLike<number>, length: number): number {
  let longest = 0
  for (let at = 0; at < length; at += VERDICT) {
    const wait = numbers[at] as number
    longest = Math.max(longest, wait === NEVER ? LONGEST_US : wait)
  }
  return longest
}

/**
 * What the store would say now to the same question, or to one for more; null where only it can tell. Counted from
 * its answer, so that whoever waits as told waits long enough.
 */
function repeated(
  { asks: denied, numbers, answeredAtUs }: Denial,
  asks: readonly Ask[],
  now: number,
): number[] | null {
  if (asks.length !== denied.length) return null
  const gone = Math.max(0, now - answeredAtUs)
  const told: number[] = []
  for (let i = 0; i < asks.length; i++) {
    const ask = asks[i] as Ask
    const before = denied[i] as Ask
    if (ask.budget !== before.budget || ask.key !== before.key || ask.cost < before.cost) return null
    for (const rule of ask.budget.rules) {
      const at = told.length
      const [wait, remaining, reset] = numbers.slice(at, at + VERDICT) as [number, number, number]
      const longer =
        ask.cost === before.cost ? wait : waitForMore(rule, { wait, remaining, reset }, ask.cost, before.cost)
      if (longer === null) return null
      told.push(longer === NEVER ? NEVER : Math.max(0, longer - gone), remaining, Math.max(0, reset - gone))
    }
  }
  return told
}

interface Verdict {
  readonly wait: number
  readonly remaining: number
  readonly reset: number
}

/** The wait of a rule for more than it was asked for, or null. A bucket's may be a step too long. */
function waitForMore(
  { algorithm, terms, capacity }: Rule,
  { wait, remaining, reset }: Verdict,
  cost: number,
  before: number,
): number | null {
  if (cost > capacity) return NEVER
  if (cost <= remaining) return 0
  if (isFixedWindow(algorithm)) return wait === 0 ? reset : wait
  if (algorithm.kind !== 'bucket') return null
  const { unit, drain, quantum } = terms as BucketTerms
  const missing = wait === 0 ? cost - remaining : cost - before
  return wait + Math.ceil((missing * unit) / drain) * quantum
}
