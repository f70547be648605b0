import type { Clock } from '../../core/clock.ts'
import { type DecideOptions, isQueueing, type QueueingStore, type Store } from '../../core/store.ts'
import { DEADLINE_MS, timeoutError } from '../../core/store-timeout.ts'
import { checkFields } from '../../core/validate.ts'
import { checkAtLeast } from '../check-number.ts'
import { monotonicClock } from '../clocks.ts'
import { fromSyncThrow } from '../from-sync-throw.ts'
import { acquiring, passThrough, type Stoppable } from '../pass-through.ts'
import { CallList, PendingCall } from './call-list.ts'
import { DeadlineQueue } from './deadline-queue.ts'

/** Options of {@link withDeadline}. */
export interface DeadlineOptions {
  /**
   * How long the store may take for an answer, in milliseconds.
   * @default 15
   */
  readonly deadlineMs?: number
  /**
   * Clock and timers of the deadlines.
   * @default the system's
   */
  readonly clock?: Clock
  /**
   * Called for each call that was sent, with its duration (of one that timed out, the deadline) and the time;
   * microseconds.
   */
  readonly onAnswer?: (elapsedUs: number, nowUs: number) => void
}

/** A store whose calls settle within a deadline. */
export interface TimedStore extends QueueingStore, Stoppable {
  /** Rejects all calls that were not sent yet. */
  rejectQueued(reason: unknown): void
}

/**
 * A deadline seen later than this shows that the process was stalled: in a free event loop timers are 1 or 2 ms late.
 */
const STALL_US = 5000

/**
 * Bounds the time that a store takes (G9). A call settles within the deadline, counted from sending, plus the delay
 * of the event loop; else it rejects with `store-unavailable`, with a {@link StoreTimeout} as its cause. It is not
 * sent again, since the store may still execute it. While the store queues a call, its deadline has not begun. If the
 * process was stalled when a deadline passed, the call gets it once more, so that a reply that arrived meanwhile is
 * read. One timer serves all calls.
 */
export function withDeadline(store: Store, options: DeadlineOptions = {}): TimedStore {
  checkFields(options, ['deadlineMs', 'clock', 'onAnswer'], 'withDeadline')
  const { deadlineMs = DEADLINE_MS, clock = monotonicClock, onAnswer = () => {} } = options
  checkAtLeast(deadlineMs, 1, 'withDeadline.deadlineMs')
  const calls = new TimedCalls(isQueueing(store), { deadlineMs, clock, onAnswer })
  return {
    ...passThrough(store, (call) => calls.send(call)),
    queues: true,
    decide: (verb, requests, callerOptions = {}) => {
      return calls.queue(callerOptions, (ownOptions) => store.decide(verb, requests, ownOptions))
    },
    ...acquiring(store, (leasing) => (request, min, callerOptions = {}) => {
      return calls.queue(callerOptions, (ownOptions) => leasing.acquire(request, min, ownOptions))
    }),
    rejectQueued: (reason) => calls.rejectQueued(reason),
    stop: () => calls.stop(),
    close() {
      calls.stop()
      return store.close()
    },
  }
}

/** The calls of one store, queued or sent. */
class TimedCalls {
  readonly #config: Required<DeadlineOptions>
  /** Whether the store calls `onSend`. */
  readonly #isQueueing: boolean
  readonly #queued = new CallList()
  readonly #sent: DeadlineQueue

  constructor(queueing: boolean, config: Required<DeadlineOptions>) {
    const { deadlineMs, clock } = config
    this.#isQueueing = queueing
    this.#config = config
    this.#sent = new DeadlineQueue({ deadlineMs, clock, onExpire: (calls, now) => this.#expire(calls, now) })
  }

  /** Makes a call that is sent at once. */
  send<T>(call: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const pending = new PendingCall(reject)
      this.#watch(pending)
      this.#settle(pending, resolve, call)
    })
  }

  /** Makes a call that the store may queue. */
  queue<T>(callerOptions: DecideOptions, call: (options: DecideOptions) => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const pending = new PendingCall(reject)
      this.#queued.append(pending)
      const onSend = (): boolean => this.#begin(pending, callerOptions)
      const { deadlineMs } = callerOptions
      if (this.#isQueueing) this.#settle(pending, resolve, () => call({ deadlineMs, onSend }))
      else if (onSend()) this.#settle(pending, resolve, () => call({ deadlineMs }))
    })
  }

  rejectQueued(reason: unknown): void {
    for (let call = this.#queued.first; call !== null; call = this.#queued.first) {
      this.#queued.remove(call)
      call.reject(reason)
    }
  }

  stop(): void {
    this.#sent.stop()
  }

  /** Begins the deadline of a call; false if its caller has gone, and the call must not be sent. */
  #begin(pending: PendingCall, { deadlineMs = 0, onSend }: DecideOptions): boolean {
    if (!pending.leave()) return false
    if (onSend?.() === false) {
      pending.reject(timeoutError(deadlineMs, 'overload'))
      return false
    }
    this.#watch(pending)
    return true
  }

  #watch(pending: PendingCall): void {
    const now = this.#config.clock.now()
    pending.sentAtUs = now
    this.#sent.watch(pending, now)
  }

  #settle<T>(pending: PendingCall, resolve: (value: T) => void, call: () => Promise<T>): void {
    fromSyncThrow(call).then(
      (value) => {
        this.#answered(pending)
        resolve(value)
      },
      (reason: unknown) => {
        this.#answered(pending)
        pending.reject(reason)
      },
    )
  }

  #answered(pending: PendingCall): void {
    const wasSent = pending.list === this.#sent
    if (!pending.leave() || !wasSent) return
    const now = this.#config.clock.now()
    this.#config.onAnswer(now - pending.sentAtUs, now)
  }

  #expire(calls: readonly PendingCall[], now: number): void {
    const { deadlineMs, onAnswer, clock } = this.#config
    // One error for all: thousands may expire at once, and stack traces are expensive.
    let timeout: unknown
    for (const call of calls) {
      if (now - call.expiresAtUs > STALL_US && !call.isExtended) {
        call.isExtended = true
        this.#sent.watch(call, clock.now())
        continue
      }
      onAnswer(deadlineMs * 1000, now)
      timeout ??= timeoutError(deadlineMs, 'store')
      call.reject(timeout)
    }
  }
}
