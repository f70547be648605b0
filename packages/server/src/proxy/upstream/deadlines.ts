import type { Clock } from 'headgate'

/** How often it is looked whether time is up. */
const TICK_MS = 100

/** Something that may last too long. */
export interface Watched {
  /** Kept by whoever watches it; -1 at first. */
  slot: number
  /** Time has passed, see `Deadlines.nowMs`. */
  check(nowMs: number): void
}

/**
 * Looks every 100 ms whether anything that is watched has lasted too long, so that neither requests nor pieces of bodies need a timer
 * or a reading of the clock. Time in which this thread stood still does not count: what was sent meanwhile has not been read yet.
 */
export class Deadlines {
  readonly #clock: Clock
  // A set makes new tables as its members come and go. Old ones that the collector has not come to yet keep members of before alive,
  // and with them whole requests: that took a tenth of all time.
  readonly #watched: Watched[] = []
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
    one.slot = this.#watched.push(one) - 1
    if (this.#isTicking) return
    this.#isTicking = true
    this.#lastUs = this.#clock.now()
    this.#tickLater()
  }

  unwatch(one: Watched): void {
    const last = this.#watched.at(-1)
    if (one.slot < 0 || last === undefined) return
    this.#watched[one.slot] = last
    last.slot = one.slot
    this.#watched.pop()
    one.slot = -1
  }

  #tickLater(): void {
    this.#clock.after(TICK_MS, () => this.#tick())
  }

  #tick(): void {
    const nowUs = this.#clock.now()
    this.#nowMs += Math.max(0, Math.min(2 * TICK_MS, (nowUs - this.#lastUs) / 1000))
    this.#lastUs = nowUs
    // From the end: what leaves meanwhile gives its place to one that was looked at.
    for (let i = this.#watched.length - 1; i >= 0; i--) this.#watched[i]?.check(this.#nowMs)
    this.#isTicking = this.#watched.length > 0
    if (this.#isTicking) this.#tickLater()
  }
}
