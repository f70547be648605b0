import type { Clock } from '../core/clock.ts'
import type { HeadgateError } from '../core/errors.ts'
import { getOrAdd } from '../core/get-or-add.ts'
import { type Blame, timedOut } from '../core/store-timeout.ts'

/** What a queue is made of. */
export interface DeadlineQueueConfig {
  readonly deadlineMs: number
  readonly clock: Clock
  /** Whom a passed deadline speaks against, unless the process was stalled. */
  readonly blame: Blame
  readonly onAnswer: (elapsedUs: number, nowUs: number) => void
}

interface Pending {
  readonly expiresAtUs: number
  readonly reject: (reason: unknown) => void
  before: Pending | null
  after: Pending | null
  waits: boolean
}

/** A timer that fires later than this after its time was kept by a stalled process: a free loop needs 1 or 2 ms. */
const STALL_US = 5000

/**
 * Promises that share one deadline, and so expire in the order they came: one timer watches the first of them. Those
 * that settle leave the list at once, so it holds what is under way and no more.
 */
export class DeadlineQueue {
  readonly #config: DeadlineQueueConfig
  #first: Pending | null = null
  #last: Pending | null = null
  #cancelTimer: (() => void) | null = null

  constructor(config: DeadlineQueueConfig) {
    this.#config = config
  }

  /** Settles as `answer` does, or rejects when that takes too long; a late answer is dropped. */
  watch<T>(answer: Promise<T>, startUs: number): Promise<T> {
    return new Promise((resolve, reject) => {
      const entry = this.#append(startUs, reject)
      answer.then(
        (value) => {
          this.#settle(entry, startUs)
          resolve(value)
        },
        (reason) => {
          this.#settle(entry, startUs)
          reject(reason)
        },
      )
    })
  }

  /** Puts the timer down when nobody waits for it. */
  stop(): void {
    if (this.#first !== null) return
    this.#cancelTimer?.()
    this.#cancelTimer = null
  }

  #append(startUs: number, reject: (reason: unknown) => void): Pending {
    const expiresAtUs = startUs + this.#config.deadlineMs * 1000
    const before = this.#last
    const entry: Pending = { expiresAtUs, reject, before, after: null, waits: true }
    if (before === null) this.#first = entry
    else before.after = entry
    this.#last = entry
    if (this.#cancelTimer === null) this.#arm(this.#config.deadlineMs)
    return entry
  }

  #settle(entry: Pending, startUs: number): void {
    if (!entry.waits) return
    this.#remove(entry)
    const now = this.#config.clock.now()
    this.#config.onAnswer(now - startUs, now)
  }

  #remove(entry: Pending): void {
    entry.waits = false
    const { before, after } = entry
    if (before === null) this.#first = after
    else before.after = after
    if (after === null) this.#last = before
    else after.before = before
  }

  #arm(ms: number): void {
    this.#cancelTimer = this.#config.clock.after(ms, () => this.#wake())
  }

  #wake(): void {
    const first = this.#first
    if (first === null) {
      this.#cancelTimer = null
      return
    }
    const now = this.#config.clock.now()
    const leftUs = first.expiresAtUs - now
    if (leftUs > 0) this.#arm(leftUs / 1000)
    // One poll phase lies between here and the check phase: an answer that is already in the socket wins.
    else setImmediate(() => this.#expire(now))
  }

  #expire(now: number): void {
    const { deadlineMs, onAnswer } = this.#config
    // One error for all that are to blame on the same: thousands may expire at once, and stack traces are dear.
    const errors = new Map<Blame, HeadgateError>()
    for (let entry = this.#first; entry !== null && entry.expiresAtUs <= now; entry = this.#first) {
      this.#remove(entry)
      onAnswer(deadlineMs * 1000, now)
      const blame = this.#blame(now - entry.expiresAtUs)
      entry.reject(getOrAdd(errors, blame, () => timedOut(deadlineMs, blame)))
    }
    this.#cancelTimer?.()
    // Not by a timer where one more has expired meanwhile: in a busy loop that would cost another turn.
    this.#wake()
  }

  #blame(lateUs: number): Blame {
    return lateUs > STALL_US ? 'process' : this.#config.blame
  }
}
