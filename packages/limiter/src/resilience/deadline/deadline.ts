import type { Clock } from '../../core/clock.ts'
import { type DecideOptions, isQueueing, type QueueingStore, type Store } from '../../core/store.ts'
import { timedOut } from '../../core/store-timeout.ts'
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
   * Time for the deadlines.
   * @default the system's
   */
  readonly clock?: Clock
  /** Told how long each answer took since it was sent, or was waited for, and the time then; both in microseconds. */
  readonly onAnswer?: (elapsedUs: number, nowUs: number) => void
}

/** A store whose calls settle in time. */
export interface TimedStore extends QueueingStore, Stoppable {
  /** Rejects what was asked and not sent yet. */
  rejectQueued(reason: unknown): void
}

/** Deadline of a call unless another one is given. */
export const DEADLINE_MS = 15
/** A timer that is looked at later than this after its time was kept by a stalled process: a free loop needs 1 or 2 ms. */
const STALL_US = 5000

/**
 * Bounds how long a store takes (G9): from when a call was sent it settles within the deadline and the delay of the
 * event loop, or rejects with `store-unavailable` and a {@link StoreTimeout} as its cause. What was sent may still be
 * carried out, so it is not sent again. What a store has queued has no deadline yet. A call whose deadline passes while
 * the process is stalled gets it once more: by its end a reply would have been read. One timer serves all calls.
 */
export function withDeadline(store: Store, options: DeadlineOptions = {}): TimedStore {
  checkFields(options, ['deadlineMs', 'clock', 'onAnswer'], 'withDeadline')
  const { deadlineMs = DEADLINE_MS, clock = monotonicClock, onAnswer = () => {} } = options
  checkAtLeast(deadlineMs, 1, 'withDeadline.deadlineMs')
  const calls = new TimedCalls(isQueueing(store), { deadlineMs, clock, onAnswer })
  return {
    ...passThrough(store, (call) => calls.send(call)),
    queues: true,
    decide: (verb, requests, given = {}) => calls.queue(given, (own) => store.decide(verb, requests, own)),
    ...acquiring(store, (leasing) => (request, min, given = {}) => {
      return calls.queue(given, (own) => leasing.acquire(request, min, own))
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
  /** Whether the store says itself when it sends. */
  readonly #tells: boolean
  readonly #queued = new CallList()
  readonly #sent: DeadlineQueue

  constructor(tells: boolean, config: Required<DeadlineOptions>) {
    const { deadlineMs, clock } = config
    this.#tells = tells
    this.#config = config
    this.#sent = new DeadlineQueue({ deadlineMs, clock, onExpire: (calls, now) => this.#expire(calls, now) })
  }

  /** A call that is sent as it is made. */
  send<T>(call: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const pending = new PendingCall(reject)
      this.#watch(pending)
      this.#settle(pending, resolve, call)
    })
  }

  /** A call that the store may queue. */
  queue<T>(given: DecideOptions, call: (own: DecideOptions) => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const pending = new PendingCall(reject)
      this.#queued.append(pending)
      const onSend = (): boolean => this.#begin(pending, given)
      if (this.#tells) this.#settle(pending, resolve, () => call({ deadlineMs: given.deadlineMs, onSend }))
      else if (onSend()) this.#settle(pending, resolve, () => call({ deadlineMs: given.deadlineMs }))
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

  /** Begins the deadline of a call; false when nobody waits for it any more. */
  #begin(pending: PendingCall, { deadlineMs = 0, onSend }: DecideOptions): boolean {
    if (!pending.leave()) return false
    if (onSend?.() === false) {
      pending.reject(timedOut(deadlineMs, 'overload'))
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
    let failed: unknown
    for (const call of calls) {
      if (now - call.expiresAtUs > STALL_US && !call.isExtended) {
        call.isExtended = true
        this.#sent.watch(call, clock.now())
        continue
      }
      onAnswer(deadlineMs * 1000, now)
      failed ??= timedOut(deadlineMs, 'store')
      call.reject(failed)
    }
  }
}
