import type { Clock } from '../core/clock.ts'
import type { Decision } from '../core/decision.ts'
import { type Duration, parseTimeout } from '../core/duration.ts'
import { wrong } from '../core/errors.ts'
import { getOrAdd } from '../core/get-or-add.ts'
import {
  capacityDenial,
  earliestTurnUs,
  type FrontDenial,
  isAboveCapacity,
  queuedDenial,
} from './turn-estimate.ts'

/** A call that waits. */
export interface WaitRequest {
  /** Units it wants to spend. */
  readonly cost: number
  readonly timeout: Duration | undefined
  readonly signal: AbortSignal | undefined
  /** Identifies its rules: a denial of the front waiter says nothing of waiters with other rates and capacities. */
  readonly rulesId?: string
  /** Calls the store once. */
  readonly attempt: () => Promise<Decision>
  /** Gives back what an attempt spent for a waiter that left meanwhile. */
  readonly undo: (decision: Decision) => Promise<void>
}

/** `resolve` and `reject` take it out of its queue; both do nothing for a waiter that has left. */
interface Waiter extends WaitRequest {
  readonly deadlineUs: number
  readonly resolve: (decision: Decision) => void
  readonly reject: (reason: unknown) => void
}

interface Queue {
  readonly name: string
  readonly waiters: Waiter[]
  /** When the front waiter may call the store again, by its latest denial. */
  readyAtUs: number
  frontDenial: FrontDenial | null
  /** Whether a call of the store is in flight. */
  calling: boolean
  /** Whether limits or state changed during that call, so that its denial may be out of date. */
  changed: boolean
  cancelTimer: () => void
}

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
          if (!remove(queue, waiter)) return
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

/** Accepts signals of other realms (iframes, vm contexts), and null for no signal, as `fetch` does. */
function checkSignal(signal: AbortSignal | null | undefined): void {
  if (signal === undefined || signal === null || typeof signal.throwIfAborted === 'function') return
  throw wrong(signal, 'is not an AbortSignal; pass the signal of an AbortController', 'options.signal')
}

function emptyQueue(name: string): Queue {
  return {
    name,
    waiters: [],
    readyAtUs: 0,
    frontDenial: null,
    calling: false,
    changed: false,
    cancelTimer: () => {},
  }
}

/** Takes a waiter out of its queue; false when it has already left. */
function remove(queue: Queue, waiter: Waiter): boolean {
  const index = queue.waiters.indexOf(waiter)
  if (index < 0) return false
  queue.waiters.splice(index, 1)
  // The wait was that of the old front waiter; the next one may have a smaller cost.
  if (index === 0) queue.readyAtUs = 0
  return true
}

/** Units that the waiters in front of this one will spend, as far as they are known. */
function unitsBefore(queue: Queue, waiter: Waiter): number {
  let units = 0
  for (const other of queue.waiters) {
    if (other === waiter) break
    units += countedUnits(queue, other)
  }
  return units
}

/** Units that a waiter will spend from the rules of the front waiter; 0 where that is unknown, or its cost never passes. */
function countedUnits(queue: Queue, waiter: Waiter): number {
  const rules = queue.frontDenial?.decision.rules ?? []
  const counts = hasRulesOfFront(queue, waiter) && !rules.some(({ limit }) => waiter.cost > limit)
  return counts ? waiter.cost : 0
}

function hasRulesOfFront({ waiters: [front] }: Queue, waiter: Waiter): boolean {
  return front?.rulesId === waiter.rulesId
}
