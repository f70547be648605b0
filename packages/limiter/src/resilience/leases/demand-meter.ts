/** An acquire is at most twice, and at least half as large as the one before. */
const GROWTH_MAX = 2
/** The next acquire may take so much longer than the last one before the units held run out. */
const LATENCY_MARGIN = 1.5

/** Settings of a {@link DemandMeter}. */
export interface DemandConfig {
  /** Most units of one acquire. */
  readonly max: number
  readonly lifetimeUs: number
}

/**
 * Measures how many units a key needs: enough for half a lifetime at the current rate. The size changes by a factor
 * of 2 at most with each acquire, so that one large call does not acquire everything, and a pause does not end the
 * lease.
 */
export class DemandMeter {
  readonly #config: DemandConfig
  #size = 1
  #refillAt = 0
  #latencyUs = 0
  /** Units asked for since the last acquire, and when that was. */
  #units = 0
  #sinceUs: number

  constructor(config: DemandConfig, now: number) {
    this.#config = config
    this.#sinceUs = now
  }

  /** When no more than so many units are left, it is time to acquire more. */
  get refillAt(): number {
    return this.#refillAt
  }

  /** Counts units that were requested, whether or not the lease had them. */
  add(cost: number): void {
    this.#units += cost
  }

  /** Records how long an acquire took. */
  recordLatency(latencyUs: number): void {
    this.#latencyUs = latencyUs
  }

  /** The size of an acquire that begins now. */
  nextSize(now: number): number {
    const { max, lifetimeUs } = this.#config
    const rate = this.#units / Math.max(1, now - this.#sinceUs)
    const wanted = Math.ceil((rate * lifetimeUs) / 2)
    const min = Math.max(1, Math.floor(this.#size / GROWTH_MAX))
    this.#size = Math.min(max, Math.max(min, Math.min(wanted, this.#size * GROWTH_MAX)))
    this.#refillAt = Math.max(this.#size / 2, Math.min(max, rate * this.#latencyUs * LATENCY_MARGIN))
    this.#units = 0
    this.#sinceUs = now
    return this.#size
  }

  /** Whether the key was requested before this call (of cost `cost`, already added), within the lifetime. */
  isHot(now: number, cost: number): boolean {
    return this.#units > cost && now - this.#sinceUs < this.#config.lifetimeUs
  }

  /** Whether no acquire was made for two lifetimes. */
  isQuiet(now: number): boolean {
    return now - this.#sinceUs >= 2 * this.#config.lifetimeUs
  }
}
