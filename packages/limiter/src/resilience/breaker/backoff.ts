/** Lengths of waits, in milliseconds. */
export interface BackoffConfig {
  readonly firstMs: number
  readonly longestMs: number
  readonly random: () => number
}

/**
 * Waits between probes: each up to twice as long as the one before, up to the longest, and cut by chance to between
 * a half and the whole of that, so that the processes of a fleet do not ask in step.
 */
export class Backoff {
  readonly #config: BackoffConfig
  #waitMs: number

  constructor(config: BackoffConfig) {
    this.#config = config
    this.#waitMs = config.firstMs
  }

  next(): number {
    const waitMs = this.#waitMs
    this.#waitMs = Math.min(this.#config.longestMs, waitMs * 2)
    return (waitMs * (1 + this.#config.random())) / 2
  }

  reset(): void {
    this.#waitMs = this.#config.firstMs
  }
}
