/** Settings of a {@link Backoff}. */
export interface BackoffConfig {
  readonly firstMs: number
  readonly maxMs: number
  /** Returns a number from 0 to below 1. */
  readonly random: () => number
}

/**
 * Delays between probes, exponential with equal jitter: they double from `firstMs` to `maxMs`, and each is a random
 * part from a half to the whole of that, so that the processes of a fleet do not probe at the same time.
 */
export class Backoff {
  readonly #config: BackoffConfig
  #delayMs: number

  constructor(config: BackoffConfig) {
    this.#config = config
    this.#delayMs = config.firstMs
  }

  next(): number {
    const delayMs = this.#delayMs
    this.#delayMs = Math.min(this.#config.maxMs, delayMs * 2)
    return (delayMs * (1 + this.#config.random())) / 2
  }

  reset(): void {
    this.#delayMs = this.#config.firstMs
  }
}
