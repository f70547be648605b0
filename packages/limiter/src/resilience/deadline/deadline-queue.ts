import type { Clock } from '../../core/clock.ts'
import { CallList, type PendingCall } from './call-list.ts'

/** What a queue is made of. */
export interface DeadlineQueueConfig {
  readonly deadlineMs: number
  readonly clock: Clock
  /** Told of calls whose deadline has passed, which have left the queue; `nowUs` is when that was seen. */
  readonly onExpire: (calls: readonly PendingCall[], nowUs: number) => void
}

/** Calls that share one length of time, and so expire in the order they came: one timer watches the first of them. */
export class DeadlineQueue extends CallList {
  readonly #config: DeadlineQueueConfig
  #cancelTimer: (() => void) | null = null

  constructor(config: DeadlineQueueConfig) {
    super()
    this.#config = config
  }

  /** Watches a call from now on. */
  watch(call: PendingCall, nowUs: number): void {
    const { deadlineMs } = this.#config
    call.expiresAtUs = nowUs + deadlineMs * 1000
    this.append(call)
    if (this.#cancelTimer === null) this.#arm(deadlineMs)
  }

  /** Puts the timer down when nobody waits for it. */
  stop(): void {
    if (this.first !== null) return
    this.#cancelTimer?.()
    this.#cancelTimer = null
  }

  #arm(ms: number): void {
    this.#cancelTimer = this.#config.clock.after(ms, () => this.#wake())
  }

  #wake(): void {
    const { first } = this
    if (first === null) {
      this.#cancelTimer = null
      return
    }
    const now = this.#config.clock.now()
    const leftUs = first.expiresAtUs - now
    if (leftUs > 0) this.#arm(leftUs / 1000)
    // One poll phase lies between here and the check phase: an answer that is already in the socket wins.
    else setImmediate(() => this.#expire(now))
  }

  #expire(now: number): void {
    const expired: PendingCall[] = []
    for (let call = this.first; call !== null && call.expiresAtUs <= now; call = this.first) {
      this.remove(call)
      expired.push(call)
    }
    if (expired.length > 0) this.#config.onExpire(expired, now)
    this.#cancelTimer?.()
    // Not by a timer where one more has expired meanwhile: in a busy loop that would cost another turn.
    this.#wake()
  }
}
