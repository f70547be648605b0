/**
 * Whether decisions settle in time (G9), however busy the event loop is. A bare timer that is set with them measures
 * how late the loop makes timers: when it has run, and one turn of the loop after it, they must be settled.
 */

/** Decisions that were asked for in one go. */
export class Cohort {
  readonly openedAt: number = performance.now()
  size = 0
  unsettled = 0
  longestMs = 0
  closed = false
}

/** One decision that took long, and what a bare timer took at that moment. */
export interface Longest {
  readonly ms: number
  readonly timerMs: number | null
}

/** Timers have whole milliseconds, and one that came too early for its decisions is set again. */
const ALLOWANCE_MS = 2
/**
 * Deadlines that a decision may take one after the other: two in the queue, until a breaker opens or it is sent, and two
 * from then on, the second of each where the process stalled meanwhile. As many bare timers are late whenever they are.
 */
const DEADLINES = 4
/** Few, so that the first of them are not asked much before the timer is set. */
const SIZE = 32

export class Cohorts {
  longest: Longest = { ms: 0, timerMs: 0 }
  readonly #deadlineMs: number
  readonly #note: (problem: string) => void
  #open: Cohort | null = null

  constructor(deadlineMs: number, note: (problem: string) => void) {
    this.#deadlineMs = deadlineMs
    this.#note = note
  }

  /** One more decision is asked for now. */
  join(): Cohort {
    const open = this.#open
    // Not before the last of them has been asked: the process may lose its processor at any moment.
    if (open?.size === SIZE) this.#close(open)
    const cohort = open === null || open.closed ? new Cohort() : open
    this.#open = cohort
    cohort.size++
    cohort.unsettled++
    // At the latest when this turn of whoever asks is over.
    if (cohort.size === 1) process.nextTick(() => this.#close(cohort))
    return cohort
  }

  leave(cohort: Cohort, ms: number): void {
    cohort.unsettled--
    cohort.longestMs = Math.max(cohort.longestMs, ms)
  }

  #close(cohort: Cohort): void {
    if (cohort.closed) return
    cohort.closed = true
    this.#after(DEADLINES, () => this.#settle(cohort))
  }

  #after(deadlines: number, call: () => void): void {
    const next = deadlines > 1 ? (): void => this.#after(deadlines - 1, call) : call
    // The first check phase is that in which deadlines expire, in no certain order; after the second it is over.
    setTimeout(() => setImmediate(() => setImmediate(next)), this.#deadlineMs + ALLOWANCE_MS)
  }

  #settle({ openedAt, unsettled, longestMs }: Cohort): void {
    const timerMs = performance.now() - openedAt
    if (longestMs > this.longest.ms) this.longest = { ms: longestMs, timerMs }
    if (unsettled === 0) return
    this.#note(
      `${unsettled} decisions are not settled after ${timerMs.toFixed(1)} ms, though a timer has run`,
    )
  }
}
