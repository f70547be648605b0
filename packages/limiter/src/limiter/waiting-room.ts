import type { Clock } from '../core/clock.ts'
import type { Decision } from '../core/decision.ts'
import { parseTimeout } from '../core/duration.ts'
import { getOrAdd } from '../core/get-or-add.ts'
import { checkSignal } from '../core/validate.ts'
import {
  capacityDenial,
  earliestTurnUs,
  type FrontDenial,
  isAboveCapacity,
  queuedDenial,
} from './turn-estimate.ts'
import {
  countedUnits,
  emptyQueue,
  hasRulesOfFront,
  type Queue,
  removeWaiter,
  unitsBefore,
  type Waiter,
  type WaitRequest,
} from './wait-queue.ts'

/**
 * How long after its timeout a waiter is kept: timers and stores are late, and a waiter that no earlier denial has ruled
 * out still gets its turn within this second.
 */
const GRACE_US = 1_000_000

/**
 * Queues of waiters by key, first come first served. Only the front waiter calls the store: when it gets to the front,
 * when the wait of its denial is over, and when something changed. So a unit costs about two calls, however many wait.
 */
export class WaitingRoom {
  readonly #clock: Clock
  readonly #queues = new Map<string, Queue>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Waits for its turn; resolves to a denial when the wait exceeds the timeout, rejects when the signal aborts. */
  enter(name: string, request: WaitRequest): Promise<Decision> {
    const { timeout = Number.POSITIVE_INFINITY, signal } = request
    checkSignal(signal)
    signal?.throwIfAborted()
    const deadlineUs = this.#clock.now() + parseTimeout(timeout, 'options.timeout') * 1000
    const queue = getOrAdd(this.#queues, name, () => emptyQueue(name))
    return new Promise((resolve, reject) => {
      let cancelDeadline = (): void => {}
      const leavingFirst =
        <V>(complete: (value: V) => void) =>
        (value: V): void => {
          if (!removeWaiter(queue, waiter)) return
          cancelDeadline()
          signal?.removeEventListener('abort', onAbort)
          complete(value)
        }
      const waiter: Waiter = {
        ...request,
        deadlineUs,
        resolve: leavingFirst(resolve),
        reject: leavingFirst(reject),
      }
      const onAbort = (): void => {
        waiter.reject(signal?.reason)
        this.#advance(queue)
      }
      const checkDeadline = (): void => {
        const leftUs = deadlineUs + GRACE_US - this.#clock.now()
        if (leftUs <= 0) this.#expire(queue, waiter)
        else cancelDeadline = this.#clock.after(leftUs / 1000, checkDeadline)
      }
      queue.waiters.push(waiter)
      if (queue.readyAtUs > this.#clock.now() && this.#denyIfTooLate(queue, waiter)) return
      signal?.addEventListener('abort', onAbort)
      if (deadlineUs < Number.POSITIVE_INFINITY) checkDeadline()
      this.#advance(queue)
    })
  }

  /** Has the front waiter of one queue, or of all queues, call the store now: units may have become available. */
  changed(name?: string): void {
    const queues = name === undefined ? [...this.#queues.values()] : [this.#queues.get(name)]
    for (const queue of queues) {
      if (queue === undefined) continue
      queue.readyAtUs = 0
      queue.changed = queue.calling
      this.#advance(queue)
    }
  }

  /** Rejects all waiters. What a call in flight spends for one of them is given back when it ends. */
  close(reason: unknown): void {
    for (const { cancelTimer, waiters } of this.#queues.values()) {
      cancelTimer()
      for (const waiter of [...waiters]) waiter.reject(reason)
    }
    this.#queues.clear()
  }

  /** Lets the front waiter call the store, now or when its wait is over. Timers fire early, so the clock decides. */
  #advance(queue: Queue): void {
    const [front] = queue.waiters
    queue.cancelTimer()
    if (front === undefined) return void this.#queues.delete(queue.name)
    if (queue.calling) return
    const leftUs = queue.readyAtUs - this.#clock.now()
    if (leftUs > 0) queue.cancelTimer = this.#clock.after(leftUs / 1000, () => this.#advance(queue))
    else void this.#callStore(queue, front)
  }

  async #callStore(queue: Queue, front: Waiter): Promise<void> {
    queue.calling = true
    queue.changed = false
    const calledAtUs = this.#clock.now()
    try {
      const decision = await front.attempt()
      if (queue.waiters.includes(front)) this.#applyDecision(queue, front, { decision, calledAtUs })
      else await front.undo(decision)
    } catch (reason) {
      front.reject(reason)
    }
    queue.calling = false
    if (this.#queues.get(queue.name) === queue) this.#advance(queue)
  }

  #applyDecision(queue: Queue, front: Waiter, { decision, calledAtUs }: FrontDenial): void {
    const { allowed, retryAfterMs } = decision
    // The denial may be out of date: the front waiter calls again at once.
    if (!allowed && queue.changed) return
    const denial = { decision, calledAtUs }
    if (allowed || retryAfterMs === null || front.deadlineUs <= earliestTurnUs(denial, front.cost)) {
      front.resolve(decision)
      return
    }
    queue.readyAtUs = this.#clock.now() + retryAfterMs * 1000
    queue.frontDenial = denial
    let unitsAhead = front.cost
    for (const waiter of queue.waiters.slice(1)) {
      if (!this.#denyIfTooLate(queue, waiter, unitsAhead)) unitsAhead += countedUnits(queue, waiter)
    }
  }

  /** Denies a waiter that cannot be served by its deadline, given the units spent before its turn; returns whether it did. */
  #denyIfTooLate(queue: Queue, waiter: Waiter, unitsAhead: number = unitsBefore(queue, waiter)): boolean {
    const denial = queue.frontDenial as FrontDenial
    const { cost } = waiter
    if (hasRulesOfFront(queue, waiter) && isAboveCapacity(denial.decision, cost)) {
      waiter.resolve(capacityDenial(denial, cost))
      return true
    }
    const units = unitsAhead + countedUnits(queue, waiter)
    if (waiter.deadlineUs > earliestTurnUs(denial, units)) return false
    waiter.resolve(queuedDenial(denial, units, { cost, nowUs: this.#clock.now() }))
    return true
  }

  #expire(queue: Queue, waiter: Waiter): void {
    // The front waiter gets the decision of the store.
    if (queue.frontDenial === null || queue.waiters[0] === waiter) return
    const units = unitsBefore(queue, waiter) + countedUnits(queue, waiter)
    waiter.resolve(queuedDenial(queue.frontDenial, units, { cost: waiter.cost, nowUs: this.#clock.now() }))
    this.#advance(queue)
  }
}
