import type { Clock } from 'headgate'

/** How often it is looked whether time is up. */
const TICK_MS = 100

/** Something that may last too long. */
export interface Watched {
  /** Time has passed, see `Deadlines.nowMs`. */
  check(nowMs: number): void
}

/**
 * Looks every 100 ms whether anything that is watched has lasted too long, so that neither requests nor pieces of bodies need a timer
 * or a reading of the clock. Time in which this thread stood still does not count: what was sent meanwhile has not been read yet.
 */
export class Deadlines {
  readonly #clock: Clock
  readonly #watched = new Set<Watched>()
  #nowMs = 0
  #lastUs = 0
  #isTicking = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Milliseconds on a clock of its own. */
  get nowMs(): number {
    return this.#nowMs
  }

  /** The moment at which `ms` from now have passed for sure; 0 ms: never. */
  in(ms: number): number {
    return ms === 0 ? Number.POSITIVE_INFINITY : this.#nowMs + ms + TICK_MS
  }

  watch(one: Watched): void {
    this.#watched.add(one)
    if (this.#isTicking) return
    this.#isTicking = true
    this.#lastUs = this.#clock.now()
    this.#tickLater()
  }

  unwatch(one: Watched): void {
    this.#watched.delete(one)
  }

  #tickLater(): void {
    this.#clock.after(TICK_MS, () => this.#tick())
  }

  #tick(): void {
    const nowUs = this.#clock.now()
    this.#nowMs += Math.max(0, Math.min(2 * TICK_MS, (nowUs - this.#lastUs) / 1000))
    this.#lastUs = nowUs
    for (const one of this.#watched) one.check(this.#nowMs)
    this.#isTicking = this.#watched.size > 0
    if (this.#isTicking) this.#tickLater()
  }
}
