import { type Clock, TIMER_MAX_MS } from '../../core/clock.ts'
import { getOrAdd } from '../../core/get-or-add.ts'
import type { DecideOptions, Store } from '../../core/store.ts'
import { timeoutError } from '../../core/store-timeout.ts'
import { checkFields } from '../../core/validate.ts'
import { checkAtLeast } from '../check-number.ts'
import { monotonicClock } from '../clocks.ts'
import { fromSyncThrow } from '../from-sync-throw.ts'
import { acquiring, passThrough, type Stoppable } from '../pass-through.ts'
import { PendingCall } from './call-list.ts'
import { DeadlineQueue } from './deadline-queue.ts'

/** Options of {@link withAnswerTime}. */
export interface AnswerTimeOptions {
  /**
   * Answer time of decisions whose caller gives no deadline, in milliseconds.
   * @default 1000
   */
  readonly answerMs?: number
  /**
   * Clock and timers of the answer time.
   * @default the system's
   */
  readonly clock?: Clock
}

/** Default answer time. */
export const ANSWER_MS = 1000

/**
 * Bounds the time that a decision takes (G9), counted from the call, whether or not it was sent: to the deadline of its
 * caller, else to the answer time. When it ends, the decision rejects with `store-unavailable`, with the blame
 * `overload`, and is not sent any more.
 */
export function withAnswerTime(store: Store, options: AnswerTimeOptions = {}): Store & Stoppable {
  checkFields(options, ['answerMs', 'clock'], 'withAnswerTime')
  const { answerMs = ANSWER_MS, clock = monotonicClock } = options
  checkAtLeast(answerMs, 1, 'withAnswerTime.answerMs')
  const calls = new BoundedCalls(Math.min(answerMs, TIMER_MAX_MS), clock)
  return {
    ...passThrough(store),
    decide: (verb, requests, callerOptions) => {
      return calls.make(callerOptions, (ownOptions) => store.decide(verb, requests, ownOptions))
    },
    ...acquiring(store, (leasing) => (request, min, callerOptions) => {
      return calls.make(callerOptions, (ownOptions) => leasing.acquire(request, min, ownOptions))
    }),
    stop: () => calls.stop(),
    close() {
      calls.stop()
      return store.close()
    },
  }
}

/** The pending calls, in one queue per length of deadline. */
class BoundedCalls {
  readonly #clock: Clock
  readonly #answerMs: number
  readonly #defaultQueue: DeadlineQueue
  readonly #queues = new Map<number, DeadlineQueue>()

  constructor(answerMs: number, clock: Clock) {
    this.#answerMs = answerMs
    this.#clock = clock
    this.#defaultQueue = this.#newQueue(answerMs)
  }

  make<T>(
    callerOptions: DecideOptions | undefined,
    call: (options: DecideOptions) => Promise<T>,
  ): Promise<T> {
    const deadlineMs = Math.min(TIMER_MAX_MS, callerOptions?.deadlineMs ?? this.#answerMs)
    // Not sent: no answer could arrive in time.
    if (deadlineMs < 1) return Promise.reject(timeoutError(Math.max(0, deadlineMs), 'overload'))
    return new Promise((resolve, reject) => {
      const pending = new PendingCall(reject)
      const queue = deadlineMs === this.#answerMs ? this.#defaultQueue : this.#queueFor(roundDown(deadlineMs))
      // Before the call, whose synchronous part counts too.
      queue.watch(pending, this.#clock.now())
      const onSend = (): boolean => pending.list !== null && callerOptions?.onSend?.() !== false
      fromSyncThrow(() => call({ deadlineMs, onSend })).then(
        (value) => {
          pending.leave()
          resolve(value)
        },
        (reason: unknown) => {
          pending.leave()
          reject(reason)
        },
      )
    })
  }

  stop(): void {
    this.#defaultQueue.stop()
    for (const queue of this.#queues.values()) queue.stop()
  }

  #queueFor(deadlineMs: number): DeadlineQueue {
    return getOrAdd(this.#queues, deadlineMs, () => this.#newQueue(deadlineMs))
  }

  #newQueue(deadlineMs: number): DeadlineQueue {
    return new DeadlineQueue({
      deadlineMs,
      clock: this.#clock,
      onExpire(calls) {
        const reason = timeoutError(deadlineMs, 'overload')
        for (const call of calls) call.reject(reason)
      },
    })
  }
}

/** Rounds down to 5 significant bits, so that callers can cause only a bounded number of queues and timers. */
function roundDown(ms: number): number {
  const step = 2 ** Math.max(0, Math.floor(Math.log2(ms)) - 4)
  return Math.floor(ms / step) * step
}
