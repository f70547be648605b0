import type { Clock } from '../../core/clock.ts'
import { afterPoll } from '../../core/runtime.ts'
import { CallList, type PendingCall } from './call-list.ts'

/** Settings of a {@link DeadlineQueue}. */
export interface DeadlineQueueConfig {
  readonly deadlineMs: number
  readonly clock: Clock
  /** Called with expired calls, which were removed from the queue; `nowUs` is when the timer saw that. */
  readonly onExpire: (calls: readonly PendingCall[], nowUs: number) => void
}

/** Calls with the same deadline. They expire in order of arrival, so one timer, for the first of them, is enough. */
export class DeadlineQueue extends CallList {
  readonly #config: DeadlineQueueConfig
  #cancelTimer: (() => void) | null = null
  #isStopped = false

  constructor(config: DeadlineQueueConfig) {
    super()
    this.#config = config
  }

  /** Adds a call, whose deadline begins now. */
  watch(call: PendingCall, nowUs: number): void {
    const { deadlineMs } = this.#config
    call.expiresAtUs = nowUs + deadlineMs * 1000
    this.append(call)
    if (this.#cancelTimer === null) this.#arm(deadlineMs)
  }

  override remove(call: PendingCall): void {
    super.remove(call)
    if (this.#isStopped) this.#clearIdleTimer()
  }

  /** From now on the timer is cleared as soon as no call is pending: it would keep the process alive for nothing. */
  stop(): void {
    this.#isStopped = true
    this.#clearIdleTimer()
  }

  #clearIdleTimer(): void {
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
    // An answer that has already arrived wins.
    else afterPoll(() => this.#expire(now))
  }

  #expire(now: number): void {
    const expired: PendingCall[] = []
    for (let call = this.first; call !== null && call.expiresAtUs <= now; call = this.first) {
      this.remove(call)
      expired.push(call)
    }
    if (expired.length > 0) this.#config.onExpire(expired, now)
    this.#cancelTimer?.()
    // Directly instead of by a timer: in a busy event loop, calls that expired meanwhile would wait another turn.
    this.#wake()
  }
}
