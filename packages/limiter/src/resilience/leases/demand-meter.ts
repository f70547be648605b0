const GROWTH = 2
/** How much longer than the last one the next acquire may last without anybody having to wait for it. */
const LATENCY_MARGIN = 1.5

/** What sizes depend on. */
export interface DemandConfig {
  /** Most units of one acquire. */
  readonly max: number
  readonly lifetimeUs: number
}

/**
 * How many units a key needs: enough for half a lifetime at the rate of late, at most doubled or halved with each
 * acquire, so that one surprising call does not take everything, nor a pause end it.
 */
export class DemandMeter {
  readonly #config: DemandConfig
  #size = 1
  #lowAt = 0
  #latencyUs = 0
  /** Units asked for since the last acquire, and when that was. */
  #units = 0
  #sinceUs: number

  constructor(config: DemandConfig, now: number) {
    this.#config = config
    this.#sinceUs = now
  }

  /** How many units are so few that it is time for more. */
  get lowAt(): number {
    return this.#lowAt
  }

  /** Counts what is asked for, whoever answers it. */
  add(cost: number): void {
    this.#units += cost
  }

  /** Notes how long an acquire took. */
  measured(latencyUs: number): void {
    this.#latencyUs = latencyUs
  }

  /** Units worth asking for now, as an acquire begins. */
  nextSize(now: number): number {
    const { max, lifetimeUs } = this.#config
    const rate = this.#units / Math.max(1, now - this.#sinceUs)
    const wanted = Math.ceil((rate * lifetimeUs) / 2)
    const least = Math.max(1, Math.floor(this.#size / GROWTH))
    this.#size = Math.min(max, Math.max(least, Math.min(wanted, this.#size * GROWTH)))
    this.#lowAt = Math.max(this.#size / 2, Math.min(max, rate * this.#latencyUs * LATENCY_MARGIN))
    this.#units = 0
    this.#sinceUs = now
    return this.#size
  }

  /** Whether the key was asked for before this call, within the lifetime. */
  isHot(now: number, cost: number): boolean {
    return this.#units > cost && now - this.#sinceUs < this.#config.lifetimeUs
  }

  /** Whether nobody asked for a while. */
  isQuiet(now: number): boolean {
    return now - this.#sinceUs >= 2 * this.#config.lifetimeUs
  }
}
