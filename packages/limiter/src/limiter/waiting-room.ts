import type { Clock } from '../core/clock.ts'
import type { Decision } from '../core/decision.ts'
import { type Duration, parseDuration } from '../core/duration.ts'
import { getOrAdd } from '../core/get-or-add.ts'

/** One who waits. */
export interface WaitRequest {
  readonly timeout: Duration | undefined
  readonly signal: AbortSignal | undefined
  /** Asks the store once. */
  readonly attempt: () => Promise<Decision>
  /** Gives back what was spent for one who left while the store was asked. */
  readonly undo: (decision: Decision) => Promise<void>
}

/** Settling or failing takes it out of its queue; whoever has left is not told again. */
interface Waiter extends WaitRequest {
  readonly deadlineUs: number
  readonly settle: (decision: Decision) => void
  readonly fail: (reason: unknown) => void
}

interface Queue {
  readonly key: string
  readonly waiters: Waiter[]
  /** When the waiter in front may ask again, as told by its last denial. */
  readyAtUs: number
  lastDenial: Decision | null
  asking: boolean
  cancelTimer: () => void
}

/**
 * Queues of waiters by key, first come first served. Only the one in front asks the store: once when it gets there,
 * and once when the exact wait it was told is over, so two calls a unit however many wait.
 */
export class WaitingRoom {
  readonly #clock: Clock
  readonly #queues = new Map<string, Queue>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Waits for its turn; returns the denial when the wait cannot fit, rejects when the signal aborts. */
  enter(key: string, request: WaitRequest): Promise<Decision> {
    const { timeout, signal } = request
    signal?.throwIfAborted()
    const timeoutUs =
      timeout === undefined ? Number.POSITIVE_INFINITY : parseDuration(timeout, 'options.timeout') * 1000
    const deadlineUs = this.#clock.now() + timeoutUs
    const queue = getOrAdd(
      this.#queues,
      key,
      (): Queue => ({
        key,
        waiters: [],
        readyAtUs: 0,
        lastDenial: null,
        asking: false,
        cancelTimer: () => {},
      }),
    )
    const { lastDenial } = queue
    if (lastDenial !== null && queue.readyAtUs > deadlineUs) return Promise.resolve(lastDenial)
    return new Promise((settle, fail) => {
      const leaving =
        <V>(tell: (value: V) => void) =>
        (value: V): void => {
          const at = queue.waiters.indexOf(waiter)
          if (at < 0) return
          queue.waiters.splice(at, 1)
          // What the one in front was told says nothing of the next, who may ask for less.
          if (at === 0) queue.readyAtUs = 0
          cancelDeadline?.()
          signal?.removeEventListener('abort', abort)
          tell(value)
        }
      const waiter: Waiter = { ...request, deadlineUs, settle: leaving(settle), fail: leaving(fail) }
      const abort = (): void => {
        waiter.fail(signal?.reason)
        this.#advance(queue)
      }
      const cancelDeadline =
        timeout === undefined ? null : this.#clock.after(timeoutUs / 1000, () => this.#expire(queue, waiter))
      signal?.addEventListener('abort', abort)
      queue.waiters.push(waiter)
      this.#advance(queue)
    })
  }

  /** Fails everyone who waits; emptied queues have what the store is spending for one of them given back. */
  close(reason: unknown): void {
    for (const { cancelTimer, waiters } of this.#queues.values()) {
      cancelTimer()
      for (const waiter of [...waiters]) waiter.fail(reason)
    }
    this.#queues.clear()
  }

  /** Lets the one in front ask, now or when its wait is over. Timers fire early, so the clock decides. */
  #advance(queue: Queue): void {
    const [front] = queue.waiters
    queue.cancelTimer()
    if (front === undefined) return void this.#queues.delete(queue.key)
    if (queue.asking) return
    const left = queue.readyAtUs - this.#clock.now()
    if (left > 0) queue.cancelTimer = this.#clock.after(left / 1000, () => this.#advance(queue))
    else void this.#ask(queue, front)
  }

  async #ask(queue: Queue, front: Waiter): Promise<void> {
    queue.asking = true
    try {
      const decision = await front.attempt()
      if (queue.waiters.includes(front)) this.#judge(queue, front, decision)
      else await front.undo(decision)
    } catch (reason) {
      front.fail(reason)
    }
    queue.asking = false
    if (this.#queues.get(queue.key) === queue) this.#advance(queue)
  }

  #judge(queue: Queue, front: Waiter, decision: Decision): void {
    const waitUs = (decision.retryAfterMs ?? Number.POSITIVE_INFINITY) * 1000
    const readyAtUs = this.#clock.now() + waitUs
    if (decision.allowed || readyAtUs > front.deadlineUs || waitUs === Number.POSITIVE_INFINITY) {
      front.settle(decision)
      return
    }
    queue.readyAtUs = readyAtUs
    queue.lastDenial = decision
    // Whoever stands behind waits at least as long.
    for (const waiter of queue.waiters.filter(({ deadlineUs }) => deadlineUs < readyAtUs))
      waiter.settle(decision)
  }

  #expire(queue: Queue, waiter: Waiter): void {
    // The one in front is answered by the store: its wait fits, or it would have been denied at once.
    if (queue.lastDenial === null || queue.waiters[0] === waiter) return
    waiter.settle(queue.lastDenial)
    this.#advance(queue)
  }
}
