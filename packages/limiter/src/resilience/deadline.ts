import type { Clock } from '../core/clock.ts'
import { getOrAdd } from '../core/get-or-add.ts'
import type { Store } from '../core/store.ts'
import { timedOut } from '../core/store-timeout.ts'
import { checkFields } from '../core/validate.ts'
import { checkAtLeast } from './check.ts'
import { DeadlineQueue } from './deadline-queue.ts'
import { promised } from './promised.ts'
import { steadyClock } from './steady-clock.ts'
import { type Around, type Stoppable, wrapping } from './wrapping.ts'

/** Options of {@link withDeadline}. */
export interface DeadlineOptions {
  /**
   * How long the store may take for an answer, in milliseconds; infinite where only callers set deadlines.
   * @default 15
   */
  readonly deadlineMs?: number
  /**
   * Time for the deadlines.
   * @default the system's
   */
  readonly clock?: Clock
  /** Told how long each answer took, or was waited for, and the time then; both in microseconds. */
  readonly onAnswer?: (elapsedUs: number, nowUs: number) => void
}

/** Deadline of a decision unless another one is given. */
export const DEADLINE_MS = 15

/**
 * Bounds how long a store takes (G9): a call settles within the deadline and the delay of the event loop, or rejects
 * with `store-unavailable` and a {@link StoreTimeout} as its cause. What was asked may still be carried out, so it is
 * not asked again. One timer serves all decisions that share a deadline.
 */
export function withDeadline(store: Store, options: DeadlineOptions = {}): Store & Stoppable {
  checkFields(options, ['deadlineMs', 'clock', 'onAnswer'], 'withDeadline')
  const { deadlineMs = DEADLINE_MS, clock = steadyClock, onAnswer = () => {} } = options
  checkAtLeast(deadlineMs, 1, 'withDeadline.deadlineMs')
  const ours = new DeadlineQueue({ deadlineMs, clock, onAnswer, blame: 'store' })
  const shorter = new Map<number, DeadlineQueue>()
  const queueFor = (callerMs: number): DeadlineQueue =>
    getOrAdd(
      shorter,
      callerMs,
      () => new DeadlineQueue({ deadlineMs: callerMs, clock, onAnswer, blame: 'caller' }),
    )
  const inTime: Around = (call) =>
    deadlineMs === Number.POSITIVE_INFINITY ? call() : ours.watch(promised(call), clock.now())
  const stop = (): void => {
    ours.stop()
    for (const queue of shorter.values()) queue.stop()
  }
  return {
    synchronous: false,
    ...wrapping(store, inTime),
    decide(verb, asks, callerMs = Number.POSITIVE_INFINITY) {
      const isOurs = callerMs >= deadlineMs
      if (isOurs && deadlineMs === Number.POSITIVE_INFINITY) return store.decide(verb, asks)
      // Nobody would learn the answer.
      if (callerMs < 1) return Promise.reject(timedOut(Math.max(0, callerMs), 'caller'))
      const queue = isOurs ? ours : queueFor(roundDown(callerMs))
      // Before the store is asked, which may take its time already.
      const startUs = clock.now()
      return queue.watch(
        // Callers may leave earlier; what they asked still tells of the store.
        promised(() => store.decide(verb, asks, isOurs ? deadlineMs : undefined)),
        startUs,
      )
    },
    stop,
    close() {
      stop()
      return store.close()
    },
  }
}

/** The next shorter of a bounded number of deadlines, so that callers cannot make any number of timers. */
function roundDown(ms: number): number {
  const step = 2 ** Math.max(0, Math.floor(Math.log2(ms)) - 4)
  return Math.floor(ms / step) * step
}
