import type { Clock } from '../../core/clock.ts'
import { getOrAdd } from '../../core/get-or-add.ts'
import type { DecideOptions, Store } from '../../core/store.ts'
import { timedOut } from '../../core/store-timeout.ts'
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
   * How long a decision may take whose caller says no deadline, in milliseconds.
   * @default 1000
   */
  readonly answerMs?: number
  /**
   * Time for it.
   * @default the system's
   */
  readonly clock?: Clock
}

/** Answer time of a decision whose caller says no deadline. */
export const ANSWER_MS = 1000
/** Longer deadlines of callers are this one. */
const LONGEST_MS = 2 ** 31 - 1

/**
 * Bounds how long a decision takes (G9), from the call, whether or not it was sent: to the deadline of its caller, else
 * to the answer time. Then it rejects with `store-unavailable`; the store is not to blame. What was not sent by then
 * will not be.
 */
export function withAnswerTime(store: Store, options: AnswerTimeOptions = {}): Store & Stoppable {
  checkFields(options, ['answerMs', 'clock'], 'withAnswerTime')
  const { answerMs = ANSWER_MS, clock = monotonicClock } = options
  checkAtLeast(answerMs, 1, 'withAnswerTime.answerMs')
  const answers = new Answers(Math.min(answerMs, LONGEST_MS), clock)
  return {
    ...passThrough(store),
    decide: (verb, requests, given) => answers.inTime(given, (own) => store.decide(verb, requests, own)),
    ...acquiring(store, (leasing) => (request, min, given) => {
      return answers.inTime(given, (own) => leasing.acquire(request, min, own))
    }),
    stop: () => answers.stop(),
    close() {
      answers.stop()
      return store.close()
    },
  }
}

/** Decisions that somebody waits for, by how long. */
class Answers {
  readonly #clock: Clock
  readonly #answerMs: number
  readonly #usual: DeadlineQueue
  readonly #others = new Map<number, DeadlineQueue>()

  constructor(answerMs: number, clock: Clock) {
    this.#answerMs = answerMs
    this.#clock = clock
    this.#usual = this.#queueOf(answerMs)
  }

  inTime<T>(given: DecideOptions | undefined, call: (own: DecideOptions) => Promise<T>): Promise<T> {
    const deadlineMs = Math.min(LONGEST_MS, given?.deadlineMs ?? this.#answerMs)
    // Nobody would learn the answer.
    if (deadlineMs < 1) return Promise.reject(timedOut(Math.max(0, deadlineMs), 'overload'))
    return new Promise((resolve, reject) => {
      const pending = new PendingCall(reject)
      const queue = deadlineMs === this.#answerMs ? this.#usual : this.#queueFor(roundDown(deadlineMs))
      // Before the store is asked, which may take its time already.
      queue.watch(pending, this.#clock.now())
      const onSend = (): boolean => pending.list !== null && given?.onSend?.() !== false
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
    this.#usual.stop()
    for (const queue of this.#others.values()) queue.stop()
  }

  #queueFor(deadlineMs: number): DeadlineQueue {
    return getOrAdd(this.#others, deadlineMs, () => this.#queueOf(deadlineMs))
  }

  #queueOf(deadlineMs: number): DeadlineQueue {
    return new DeadlineQueue({
      deadlineMs,
      clock: this.#clock,
      onExpire(calls) {
        const reason = timedOut(deadlineMs, 'overload')
        for (const call of calls) call.reject(reason)
      },
    })
  }
}

/** The next shorter of a bounded number of deadlines, so that callers cannot make any number of timers. */
function roundDown(ms: number): number {
  const step = 2 ** Math.max(0, Math.floor(Math.log2(ms)) - 4)
  return Math.floor(ms / step) * step
}
