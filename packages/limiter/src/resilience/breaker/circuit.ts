import { breakerOpenError } from '../../core/breaker-open-error.ts'
import type { Clock } from '../../core/clock.ts'
import type { HeadgateError } from '../../core/errors.ts'
import type { BreakerState, FailureView, PartHealth } from '../../core/health-report.ts'
import { isStoreFault, isUnavailable, viewOf } from '../store-failure.ts'
import { Backoff } from './backoff.ts'

/** Settings of a {@link Circuit}. */
export interface CircuitConfig {
  /** Consecutive failures that open the circuit. */
  readonly failures: number
  readonly clock: Clock
  readonly random: () => number
  /** Probes the store; null if the store has no `ping`, so that calls have to serve as probes. */
  readonly ping: (() => Promise<void>) | null
  /** Called whenever the circuit opens, with the error of refused calls; its cause is the last failure. */
  readonly onOpen: (refusal: HeadgateError) => void
}

const FIRST_PROBE_MS = 50
const PROBE_DELAY_MAX_MS = 500

/** The state machine of a circuit breaker. */
export class Circuit {
  readonly #config: CircuitConfig
  readonly #backoff: Backoff
  #state: BreakerState = 'closed'
  /** Whether the next call is the probe: there is no ping, and the delay has passed. */
  #callProbes = false
  #failures = 0
  #answeredAtUs = 0
  /** A function, so that the view is made only when health is read: making it costs more than handling the failure. */
  #lastError: () => FailureView | null = () => null
  /**
   * The result of refused calls. One shared rejected promise: creating an error with a stack, and Node's
   * unhandled-rejection bookkeeping, cost more than a decision.
   */
  #refusal: Promise<never> | null = null
  #refusalError: HeadgateError | null = null
  #cancelTimer: () => void = () => {}
  #stopped = false

  constructor(config: CircuitConfig) {
    this.#config = config
    const { random } = config
    this.#backoff = new Backoff({ firstMs: FIRST_PROBE_MS, maxMs: PROBE_DELAY_MAX_MS, random })
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

  /** Records the outcome of a call; returns the same promise. */
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

  // Bound functions, created once instead of for every call.
  readonly #answered = (): void => {
    // An answer to a call from before the circuit opened does not show that the store works now.
    if (this.#state !== 'closed') return
    this.#failures = 0
    this.#answeredAtUs = this.#config.clock.now()
  }

  readonly #failed = (reason: unknown): void => {
    // Not counted: wrong use, timeouts due to the caller, and calls rejected unsent when the circuit opened.
    if (!isStoreFault(reason) || reason === this.#refusalError) return
    this.#recordFailure(reason)
    if (this.#state === 'closed' && this.#failures >= this.#config.failures) this.#open(reason)
  }

  readonly #close = (): void => {
    this.#state = 'closed'
    this.#backoff.reset()
    this.#answered()
  }

  readonly #reopen = (reason: unknown): void => {
    // A call that was wrong use never reached the store, so the next call has to be the probe.
    this.#callProbes = !isUnavailable(reason)
    if (this.#callProbes) return
    if (isStoreFault(reason)) this.#recordFailure(reason)
    this.#open(reason)
  }

  #recordFailure(reason: unknown): void {
    this.#failures++
    const at = Math.floor(this.#config.clock.now() / 1000)
    this.#lastError = () => viewOf(reason, at)
  }

  #open(cause: unknown): void {
    const refusal = breakerOpenError(cause, this.#failures)
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
