import type { Clock } from '../core/clock.ts'
import type { Decision } from '../core/decision.ts'
import { type Duration, parseTimeout } from '../core/duration.ts'
import { wrong } from '../core/errors.ts'
import { getOrAdd } from '../core/get-or-add.ts'
import { denialBehind, isAboveCapacity, neverDenial, type Told, tooEarlyUs } from './turn-estimate.ts'

/** One who waits. */
export interface WaitRequest {
  /** Units it asks for. */
  readonly cost: number
  readonly timeout: Duration | undefined
  readonly signal: AbortSignal | undefined
  /** Names the rules it is judged by: what one in front is told says nothing of others' rates and capacities. */
  readonly judgedBy?: string
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
  readonly name: string
  readonly waiters: Waiter[]
  /** When the waiter in front may ask again, as told by its last denial. */
  readyAtUs: number
  told: Told | null
  asking: boolean
  /** Whether something changed since the store was asked, so that its denial may be of the past. */
  changed: boolean
  cancelTimer: () => void
}

/**
 * Who is not denied before is answered by its turn, also when that comes a little late: timers and stores take their
 * time. But no later than this.
 */
const ANSWER_US = 1_000_000

/**
 * Queues of waiters by key, first come first served. Only the one in front asks the store: once when it gets there, once
 * when the wait it was told is over, and when something changed. So two calls a unit however many wait.
 */
export class WaitingRoom {
  readonly #clock: Clock
  readonly #queues = new Map<string, Queue>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Waits for its turn; returns the denial when the wait cannot fit, rejects when the signal aborts. */
  enter(name: string, request: WaitRequest): Promise<Decision> {
    const { timeout = Number.POSITIVE_INFINITY, signal } = request
    checkSignal(signal)
    signal?.throwIfAborted()
    const deadlineUs = this.#clock.now() + parseTimeout(timeout, 'options.timeout') * 1000
    const queue = getOrAdd(this.#queues, name, () => emptyQueue(name))
    return new Promise((settle, fail) => {
      let cancelDeadline = (): void => {}
      const leaving =
        <V>(tell: (value: V) => void) =>
        (value: V): void => {
          if (!remove(queue, waiter)) return
          cancelDeadline()
          signal?.removeEventListener('abort', abort)
          tell(value)
        }
      const waiter: Waiter = { ...request, deadlineUs, settle: leaving(settle), fail: leaving(fail) }
      const abort = (): void => {
        waiter.fail(signal?.reason)
        this.#advance(queue)
      }
      const watch = (): void => {
        const left = deadlineUs + ANSWER_US - this.#clock.now()
        if (left <= 0) this.#expire(queue, waiter)
        else cancelDeadline = this.#clock.after(left / 1000, watch)
      }
      queue.waiters.push(waiter)
      if (queue.readyAtUs > this.#clock.now() && this.#isHopeless(queue, waiter)) return
      signal?.addEventListener('abort', abort)
      if (deadlineUs < Number.POSITIVE_INFINITY) watch()
      this.#advance(queue)
    })
  }

  /** Has those in front ask again now, in one queue or in all: there may be room that nobody was told of. */
  changed(name?: string): void {
    const queues = name === undefined ? [...this.#queues.values()] : [this.#queues.get(name)]
    for (const queue of queues) {
      if (queue === undefined) continue
      queue.readyAtUs = 0
      queue.changed = queue.asking
      this.#advance(queue)
    }
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
    if (front === undefined) return void this.#queues.delete(queue.name)
    if (queue.asking) return
    const left = queue.readyAtUs - this.#clock.now()
    if (left > 0) queue.cancelTimer = this.#clock.after(left / 1000, () => this.#advance(queue))
    else void this.#ask(queue, front)
  }

  async #ask(queue: Queue, front: Waiter): Promise<void> {
    queue.asking = true
    queue.changed = false
    const askedAtUs = this.#clock.now()
    try {
      const decision = await front.attempt()
      if (queue.waiters.includes(front)) this.#answer(queue, front, { decision, askedAtUs })
      else await front.undo(decision)
    } catch (reason) {
      front.fail(reason)
    }
    queue.asking = false
    if (this.#queues.get(queue.name) === queue) this.#advance(queue)
  }

  #answer(queue: Queue, front: Waiter, told: Told): void {
    const { allowed, retryAfterMs } = told.decision
    // A denial of before the change is no answer: it asks again at once.
    if (!allowed && queue.changed) return
    if (allowed || retryAfterMs === null || front.deadlineUs <= tooEarlyUs(told, front.cost)) {
      front.settle(told.decision)
      return
    }
    queue.readyAtUs = this.#clock.now() + retryAfterMs * 1000
    queue.told = told
    let units = front.cost
    for (const waiter of queue.waiters.slice(1)) {
      if (!this.#isHopeless(queue, waiter, units)) units += unitsOf(queue, waiter)
    }
  }

  /** Denies one behind who cannot be served in time, `unitsAhead` of it; says whether it did. */
  #isHopeless(queue: Queue, waiter: Waiter, unitsAhead: number = aheadOf(queue, waiter)): boolean {
    const told = queue.told as Told
    if (isJudgedAlike(queue, waiter) && isAboveCapacity(told.decision, waiter.cost)) {
      waiter.settle(neverDenial(told, waiter.cost))
      return true
    }
    const units = unitsAhead + unitsOf(queue, waiter)
    if (waiter.deadlineUs > tooEarlyUs(told, units)) return false
    waiter.settle(denialBehind(told, units, { cost: waiter.cost, nowUs: this.#clock.now() }))
    return true
  }

  #expire(queue: Queue, waiter: Waiter): void {
    // The one in front is answered by the store.
    if (queue.told === null || queue.waiters[0] === waiter) return
    const units = aheadOf(queue, waiter) + unitsOf(queue, waiter)
    waiter.settle(denialBehind(queue.told, units, { cost: waiter.cost, nowUs: this.#clock.now() }))
    this.#advance(queue)
  }
}

/** A signal of another realm is one too; null is none, as in `fetch`. */
function checkSignal(signal: AbortSignal | null | undefined): void {
  if (signal === undefined || signal === null || typeof signal.throwIfAborted === 'function') return
  throw wrong(signal, 'is not an AbortSignal; pass the signal of an AbortController', 'options.signal')
}

function emptyQueue(name: string): Queue {
  return {
    name,
    waiters: [],
    readyAtUs: 0,
    told: null,
    asking: false,
    changed: false,
    cancelTimer: () => {},
  }
}

/** Takes a waiter out of its queue; false when it has left already. */
function remove(queue: Queue, waiter: Waiter): boolean {
  const at = queue.waiters.indexOf(waiter)
  if (at < 0) return false
  queue.waiters.splice(at, 1)
  // What the one in front was told says nothing of the next, who may ask for less.
  if (at === 0) queue.readyAtUs = 0
  return true
}

/** Units spent before it is a waiter's turn, as far as it is known. */
function aheadOf(queue: Queue, waiter: Waiter): number {
  let units = 0
  for (const one of queue.waiters) {
    if (one === waiter) break
    units += unitsOf(queue, one)
  }
  return units
}

/** Units that a waiter takes of what the one in front is judged by; 0 where nobody knows. */
function unitsOf(queue: Queue, waiter: Waiter): number {
  const isKnown =
    isJudgedAlike(queue, waiter) && !queue.told?.decision.rules.some(({ limit }) => waiter.cost > limit)
  return isKnown ? waiter.cost : 0
}

function isJudgedAlike({ waiters: [front] }: Queue, waiter: Waiter): boolean {
  return front?.judgedBy === waiter.judgedBy
}
