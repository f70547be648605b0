import { BLOCKED, NEVER, RECEIPT, REMAINING, RESET, VERDICT_SIZE, WAIT } from '../../core/algorithm.ts'
import { neededUnits } from '../../core/budget.ts'
import type { Clock } from '../../core/clock.ts'
import { getOrAdd } from '../../core/get-or-add.ts'
import { type BudgetRequest, type StateKey, TOO_MANY_WINDOWS, type Verdicts } from '../../core/store.ts'

/** When a decision was started: by the clock, and in the sequence of decisions and changes of this process. */
export interface DecisionStart {
  readonly atUs: number
  readonly sequence: number
}

/** A denial of the store, and until when it can be repeated. */
interface Denial {
  readonly requests: readonly BudgetRequest[]
  readonly numbers: readonly number[]
  readonly answeredAtUs: number
  readonly expiresAtUs: number
}

/** Longest time that a denial is repeated, so that refunds and resets by other processes take effect. */
const LIFETIME_MAX_US = 1_000_000

/** Denials by the requests that were decided together: the denial of two budgets says nothing about each alone. */
export class Denials {
  readonly #max: number
  readonly #clock: Pick<Clock, 'now'>
  readonly #byName = new Map<string, Denial>()
  /** For each key, the names of denials of several keys that include it. */
  readonly #jointNames = new Map<string, Set<string>>()
  /** The sequence number of the last change of a key; kept while decisions are pending that started before. */
  readonly #changes = new Map<string, number>()
  #pending = 0
  #sequence = 0
  /** Results of decisions that started before this sequence number are not recorded. */
  #minSequence = 0

  constructor(max: number, clock: Pick<Clock, 'now'>) {
    this.#max = max
    this.#clock = clock
  }

  /** The verdicts of a decision that must be denied, in an array of its own; null if the store has to decide. */
  find(requests: readonly BudgetRequest[]): Verdicts | null {
    if (this.#byName.size === 0) return null
    const name = nameOfAll(requests)
    const denial = this.#byName.get(name)
    return denial === undefined ? null : this.#repeat(name, denial, requests)
  }

  /** To be called before a decision is sent to the store; `end` has to follow. */
  start(): DecisionStart {
    this.#pending++
    return { atUs: this.#clock.now(), sequence: ++this.#sequence }
  }

  end(): void {
    if (--this.#pending === 0) this.#changes.clear()
  }

  /** Remembers a denial of the store. A spend drops denials of its keys instead: their waits are longer now. */
  record(requests: readonly BudgetRequest[], { numbers, source }: Verdicts, start: DecisionStart): void {
    if (source !== 'store') return
    // What counts in shadow is told anew each time.
    if (requests.some(({ budget }) => budget.hasShadow)) {
      this.drop(requests)
      return
    }
    const length = VERDICT_SIZE * requests.reduce((rules, { budget }) => rules + budget.rules.length, 0)
    const waitUs = longestWait(numbers, length)
    if (waitUs === 0) this.drop(requests)
    if (waitUs === null || waitUs === 0 || this.#isChanged(requests, start.sequence)) return
    if (mayOffend(requests, numbers)) return
    const copy = Array.from({ length }, (_, i) => numbers[i] as number)
    const expiresAtUs = start.atUs + Math.min(waitUs, LIFETIME_MAX_US)
    this.#add({ requests, numbers: copy, answeredAtUs: this.#clock.now(), expiresAtUs })
  }

  /** Drops denials of these keys. */
  drop(keys: readonly StateKey[]): void {
    if (this.#byName.size === 0) return
    for (const one of keys) {
      const key = nameOf(one)
      this.#byName.delete(key)
      for (const name of this.#jointNames.get(key) ?? []) this.#remove(name)
    }
  }

  /** Drops denials of these keys, and will not record those of decisions that are pending now. */
  forget(keys: readonly StateKey[]): void {
    this.drop(keys)
    if (this.#pending === 0) return
    for (const key of keys) this.#changes.set(nameOf(key), ++this.#sequence)
    if (this.#changes.size <= this.#max) return
    this.#changes.clear()
    this.#minSequence = ++this.#sequence
  }

  /** Drops all denials, and will not record those of decisions that are pending now. */
  forgetAll(): void {
    this.#byName.clear()
    this.#jointNames.clear()
    this.#changes.clear()
    this.#minSequence = ++this.#sequence
  }

  #repeat(name: string, denial: Denial, requests: readonly BudgetRequest[]): Verdicts | null {
    const now = this.#clock.now()
    if (now < denial.expiresAtUs) {
      const numbers = repeatedNumbers(denial, requests, now)
      return numbers === null ? null : { now, numbers, source: 'deny-cache' }
    }
    this.#remove(name)
    return null
  }

  #add(denial: Denial): void {
    const name = nameOfAll(denial.requests)
    const known = this.#byName.get(name)
    // The denial of a lower cost can answer more calls.
    if (known && isCheaper(known, denial) && denial.answeredAtUs < known.expiresAtUs) return
    this.#remove(name)
    this.#byName.set(name, denial)
    if (denial.requests.length > 1) {
      for (const one of denial.requests) {
        getOrAdd(this.#jointNames, nameOf(one), () => new Set<string>()).add(name)
      }
    }
    const [oldest] = this.#byName.keys()
    if (this.#byName.size > this.#max && oldest !== undefined) this.#remove(oldest)
  }

  #remove(name: string): void {
    const denial = this.#byName.get(name)
    this.#byName.delete(name)
    if (denial === undefined || denial.requests.length === 1) return
    for (const one of denial.requests) {
      const names = this.#jointNames.get(nameOf(one))
      names?.delete(name)
      if (names?.size === 0) this.#jointNames.delete(nameOf(one))
    }
  }

  /** Whether one of the keys was changed after a decision had started. */
  #isChanged(keys: readonly StateKey[], sequence: number): boolean {
    if (sequence < this.#minSequence) return true
    return this.#changes.size > 0 && keys.some((key) => (this.#changes.get(nameOf(key)) ?? 0) > sequence)
  }
}

function nameOf({ budget, key }: StateKey): string {
  return `${budget.policy}\n${key}`
}

function nameOfAll(keys: readonly StateKey[]): string {
  return keys.length === 1 ? nameOf(keys[0] as StateKey) : keys.map(nameOf).join('\n\n')
}

function isCheaper({ requests }: Denial, than: Denial): boolean {
  const isSame = requests.every(({ budget }, i) => budget === than.requests[i]?.budget)
  return isSame && requests.some(({ cost }, i) => cost < (than.requests[i] as BudgetRequest).cost)
}

/** The longest wait of all rules: 0 if the decision passed, null if a rule reports no wait. */
function longestWait(numbers: ArrayLike<number>, length: number): number | null {
  let longest = 0
  for (let from = 0; from < length; from += VERDICT_SIZE) {
    const wait = numbers[from + WAIT] as number
    if (wait === TOO_MANY_WINDOWS) return null
    longest = Math.max(longest, wait === NEVER ? LIFETIME_MAX_US : wait)
  }
  return longest
}

/** Whether a policy with bans may have to count the next denial: only while a ban or block holds it cannot. */
function mayOffend(requests: readonly BudgetRequest[], numbers: ArrayLike<number>): boolean {
  let from = 0
  return requests.some(({ budget: { rules, bans } }) => {
    const isBarred = numbers[from + RECEIPT] === BLOCKED
    from += rules.length * VERDICT_SIZE
    return bans !== undefined && !isBarred
  })
}

/**
 * The verdicts that the store would return now for the same requests, or for higher costs; null if they cannot be
 * computed. Waits are counted from the arrival of the answer, so that they are never too short.
 */
function repeatedNumbers(
  { requests: denied, numbers, answeredAtUs }: Denial,
  requests: readonly BudgetRequest[],
  now: number,
): number[] | null {
  if (requests.length !== denied.length) return null
  const elapsedUs = Math.max(0, now - answeredAtUs)
  const result: number[] = []
  for (let i = 0; i < requests.length; i++) {
    const { budget, key, cost } = requests[i] as BudgetRequest
    const before = denied[i] as BudgetRequest
    if (budget !== before.budget || key !== before.key || cost < before.cost) return null
    const [needed, neededBefore] = [neededUnits(budget, cost), neededUnits(budget, before.cost)]
    for (const { algorithm, terms } of budget.rules) {
      const from = result.length
      const remaining = numbers[from + REMAINING] as number
      const reset = numbers[from + RESET] as number
      const wait = numbers[from + WAIT] as number
      const isBlocked = numbers[from + RECEIPT] === BLOCKED
      // The wait of a block hides that of the rule.
      if (isBlocked && cost !== before.cost) return null
      const longer =
        needed === neededBefore
          ? wait
          : algorithm.waitForMore(terms, { wait, remaining, reset }, needed, neededBefore)
      if (longer === null) return null
      // Of the five numbers of a receipt a denial has none.
      result.push(
        longer === NEVER ? NEVER : Math.max(0, longer - elapsedUs),
        remaining,
        Math.max(0, reset - elapsedUs),
        isBlocked ? BLOCKED : 0,
        0,
        0,
        0,
        0,
      )
    }
  }
  return result
}
