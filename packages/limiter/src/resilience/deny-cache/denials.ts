import { NEVER, REMAINING, RESET, VERDICT_SIZE, WAIT } from '../../core/algorithm.ts'
import type { Clock } from '../../core/clock.ts'
import { getOrAdd } from '../../core/get-or-add.ts'
import { type BudgetKey, type BudgetRequest, TOO_MANY_WINDOWS, type Verdicts } from '../../core/store.ts'

/** When a decision was asked for: by the clock, and among the decisions and changes of this process. */
export interface Asked {
  readonly atUs: number
  readonly turn: number
}

/** One denial: what was asked for, what the store said, and until when that can be said again. */
interface Denial {
  readonly requests: readonly BudgetRequest[]
  readonly numbers: readonly number[]
  readonly answeredAtUs: number
  readonly untilUs: number
}

/** Longest that a denial is repeated, so that refunds and resets of other processes show. */
const LONGEST_US = 1_000_000

/** Denials by what was asked together: of one budget alone no wait is known for it and another one. */
export class Denials {
  readonly #max: number
  readonly #clock: Pick<Clock, 'now'>
  readonly #byName = new Map<string, Denial>()
  /** Names of the denials of several keys, by each of them. */
  readonly #joint = new Map<string, Set<string>>()
  /** When a key was last changed, for the answers that were pending then. */
  readonly #changed = new Map<string, number>()
  #pending = 0
  #turn = 0
  /** What was asked before it is of no use. */
  #first = 0

  constructor(max: number, clock: Pick<Clock, 'now'>) {
    this.#max = max
    this.#clock = clock
  }

  /** The verdicts of a decision that is bound to be denied, in an array of its own, or null. */
  find(requests: readonly BudgetRequest[]): Verdicts | null {
    if (this.#byName.size === 0) return null
    const name = nameOfAll(requests)
    const denial = this.#byName.get(name)
    return denial === undefined ? null : this.#repeat(name, denial, requests)
  }

  /** Notes that a decision is asked for now; `answered` has to follow. */
  asked(): Asked {
    this.#pending++
    return { atUs: this.#clock.now(), turn: ++this.#turn }
  }

  answered(): void {
    if (--this.#pending === 0) this.#changed.clear()
  }

  /** Remembers what the store denied; where it spent, those who are denied more have to wait longer. */
  note(requests: readonly BudgetRequest[], { numbers, source }: Verdicts, asked: Asked): void {
    if (source !== 'store') return
    const length = VERDICT_SIZE * requests.reduce((rules, { budget }) => rules + budget.rules.length, 0)
    const waitUs = longestWait(numbers, length)
    if (waitUs === 0) this.drop(requests)
    if (waitUs === null || waitUs === 0 || this.#isChanged(requests, asked.turn)) return
    const own = Array.from({ length }, (_, i) => numbers[i] as number)
    const untilUs = asked.atUs + Math.min(waitUs, LONGEST_US)
    this.#add({ requests, numbers: own, answeredAtUs: this.#clock.now(), untilUs })
  }

  /** Ends the denials of these keys. */
  drop(keys: readonly BudgetKey[]): void {
    if (this.#byName.size === 0) return
    for (const one of keys) {
      const key = nameOf(one)
      this.#byName.delete(key)
      for (const name of this.#joint.get(key) ?? []) this.#remove(name)
    }
  }

  /** Ends the denials of these keys, also of decisions that were asked for before now. */
  forget(keys: readonly BudgetKey[]): void {
    this.drop(keys)
    if (this.#pending === 0) return
    for (const key of keys) this.#changed.set(nameOf(key), ++this.#turn)
    if (this.#changed.size <= this.#max) return
    this.#changed.clear()
    this.#first = ++this.#turn
  }

  #repeat(name: string, denial: Denial, requests: readonly BudgetRequest[]): Verdicts | null {
    const now = this.#clock.now()
    if (now < denial.untilUs) {
      const numbers = repeated(denial, requests, now)
      return numbers === null ? null : { now, numbers, source: 'deny-cache' }
    }
    this.#remove(name)
    return null
  }

  #add(denial: Denial): void {
    const name = nameOfAll(denial.requests)
    const known = this.#byName.get(name)
    // The least cost that was denied tells of more calls than another one.
    if (known && isCheaper(known, denial) && denial.answeredAtUs < known.untilUs) return
    this.#remove(name)
    this.#byName.set(name, denial)
    if (denial.requests.length > 1) {
      for (const one of denial.requests) getOrAdd(this.#joint, nameOf(one), () => new Set<string>()).add(name)
    }
    const [oldest] = this.#byName.keys()
    if (this.#byName.size > this.#max && oldest !== undefined) this.#remove(oldest)
  }

  #remove(name: string): void {
    const denial = this.#byName.get(name)
    this.#byName.delete(name)
    if (denial === undefined || denial.requests.length === 1) return
    for (const one of denial.requests) {
      const names = this.#joint.get(nameOf(one))
      names?.delete(name)
      if (names?.size === 0) this.#joint.delete(nameOf(one))
    }
  }

  #isChanged(keys: readonly BudgetKey[], turn: number): boolean {
    if (turn < this.#first) return true
    return this.#changed.size > 0 && keys.some((key) => (this.#changed.get(nameOf(key)) ?? 0) > turn)
  }
}

function nameOf({ budget, key }: BudgetKey): string {
  return `${budget.policy}\n${key}`
}

function nameOfAll(keys: readonly BudgetKey[]): string {
  return keys.length === 1 ? nameOf(keys[0] as BudgetKey) : keys.map(nameOf).join('\n\n')
}

function isCheaper({ requests }: Denial, than: Denial): boolean {
  const alike = requests.every(({ budget }, i) => budget === than.requests[i]?.budget)
  return alike && requests.some(({ cost }, i) => cost < (than.requests[i] as BudgetRequest).cost)
}

/** How long not all of it passes; 0 when it passed, null when no wait tells it. */
function longestWait(numbers: ArrayLike<number>, length: number): number | null {
  let longest = 0
  for (let from = 0; from < length; from += VERDICT_SIZE) {
    const wait = numbers[from + WAIT] as number
    if (wait === TOO_MANY_WINDOWS) return null
    longest = Math.max(longest, wait === NEVER ? LONGEST_US : wait)
  }
  return longest
}

/**
 * What the store would say now to the same question, or to one for more; null where only it can tell. Counted from
 * its answer, so that whoever waits as told waits long enough.
 */
function repeated(
  { requests: denied, numbers, answeredAtUs }: Denial,
  requests: readonly BudgetRequest[],
  now: number,
): number[] | null {
  if (requests.length !== denied.length) return null
  const gone = Math.max(0, now - answeredAtUs)
  const told: number[] = []
  for (let i = 0; i < requests.length; i++) {
    const { budget, key, cost } = requests[i] as BudgetRequest
    const before = denied[i] as BudgetRequest
    if (budget !== before.budget || key !== before.key || cost < before.cost) return null
    for (const { algorithm, terms } of budget.rules) {
      const from = told.length
      const remaining = numbers[from + REMAINING] as number
      const reset = numbers[from + RESET] as number
      const wait = numbers[from + WAIT] as number
      const longer =
        cost === before.cost
          ? wait
          : algorithm.waitForMore(terms, { wait, remaining, reset }, cost, before.cost)
      if (longer === null) return null
      // A denial has no receipt.
      told.push(
        longer === NEVER ? NEVER : Math.max(0, longer - gone),
        remaining,
        Math.max(0, reset - gone),
        0,
        0,
        0,
        0,
        0,
      )
    }
  }
  return told
}
