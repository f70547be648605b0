import type { Clock } from '../../core/clock.ts'
import type { HeadgateError } from '../../core/errors.ts'
import type { BreakerState, FailureView, PartHealth } from '../../core/health-report.ts'
import { refusalAfter } from '../../core/refusal.ts'
import { isStoreFault, isUnavailable, viewOf } from '../store-failure.ts'
import { Backoff } from './backoff.ts'

/** What a circuit is made of. */
export interface CircuitConfig {
  readonly failures: number
  readonly clock: Clock
  readonly random: () => number
  /** Asks the store in the background; null where only calls can. */
  readonly ping: (() => Promise<void>) | null
  /** Told, whenever it opens, of the error that calls are refused with; its cause is the failure that was too many. */
  readonly onOpen: (refusal: HeadgateError) => void
}

const FIRST_PROBE_MS = 50
const LONGEST_PROBE_MS = 500

/** The states of a breaker, and what takes it from one to another. */
export class Circuit {
  readonly #config: CircuitConfig
  readonly #backoff: Backoff
  #state: BreakerState = 'closed'
  /** Whether the next call is the probe: there is no ping, and the wait is over. */
  #callProbes = false
  #failures = 0
  #answeredAtUs = 0
  /** Made when health is asked for: it costs more than the failure. */
  #lastError: () => FailureView | null = () => null
  /**
   * What calls are refused with while it is not closed. One shared rejected promise: creating an error with a stack,
   * and Node's unhandled-rejection bookkeeping, cost more than a decision.
   */
  #refusal: Promise<never> | null = null
  #refusalError: HeadgateError | null = null
  #cancelTimer: () => void = () => {}
  #stopped = false

  constructor(config: CircuitConfig) {
    this.#config = config
    const { random } = config
    this.#backoff = new Backoff({ firstMs: FIRST_PROBE_MS, longestMs: LONGEST_PROBE_MS, random })
  }

  refuses(): boolean {
    return this.#state !== 'closed' && !this.#callProbes
  }

  refusal(): Promise<never> {
    return this.#refusal as Promise<never>
  }

  call<T>(call: () => Promise<T>): Promise<T> {
    return this.refuses() ? this.refusal() : this.observe(call())
  }

  /** Notes how a call ends, beside whoever waits for it. */
  observe<T>(answer: Promise<T>): Promise<T> {
    if (!this.#callProbes) answer.then(this.#answered, this.#failed)
    else {
      this.#callProbes = false
      answer.then(this.#close, this.#reopen)
    }
    return answer
  }

  health(): PartHealth {
    const closed = this.#state === 'closed'
    const known = this.#answeredAtUs > 0
    return {
      store: !closed ? 'unreachable' : known ? 'reachable' : 'unknown',
      answeredAt: known ? Math.floor(this.#answeredAtUs / 1000) : null,
      breaker: this.#state,
      consecutiveFailures: this.#failures,
      lastError: this.#lastError(),
    }
  }

  stop(): void {
    this.#stopped = true
    this.#cancelTimer()
  }

  // Bound once: they are handed to every promise.
  readonly #answered = (): void => {
    // What was asked before it opened says nothing of now.
    if (this.#state !== 'closed') return
    this.#failures = 0
    this.#answeredAtUs = this.#config.clock.now()
  }

  readonly #failed = (reason: unknown): void => {
    // Neither wrong use nor a caller's time says anything of the store, nor what was rejected unsent when it opened.
    if (!isStoreFault(reason) || reason === this.#refusalError) return
    this.#note(reason)
    if (this.#state === 'closed' && this.#failures >= this.#config.failures) this.#open(reason)
  }

  readonly #close = (): void => {
    this.#state = 'closed'
    this.#backoff.reset()
    this.#answered()
  }

  readonly #reopen = (reason: unknown): void => {
    // Wrong use never got as far as the store: the next call is the probe.
    this.#callProbes = !isUnavailable(reason)
    if (this.#callProbes) return
    if (isStoreFault(reason)) this.#note(reason)
    this.#open(reason)
  }

  #note(reason: unknown): void {
    this.#failures++
    const at = Math.floor(this.#config.clock.now() / 1000)
    this.#lastError = () => viewOf(reason, at)
  }

  #open(cause: unknown): void {
    const refusal = refusalAfter(cause, this.#failures)
    this.#refusalError = refusal
    this.#refusal = Promise.reject(refusal)
    this.#refusal.catch(() => {})
    this.#state = 'open'
    this.#config.onOpen(refusal)
    if (this.#stopped) return
    this.#cancelTimer = this.#config.clock.after(this.#backoff.next(), () => this.#probe())
  }

  #probe(): void {
    const { ping } = this.#config
    this.#state = 'half-open'
    if (ping === null) this.#callProbes = true
    else Promise.resolve().then(ping).then(this.#close, this.#reopen)
  }
}
