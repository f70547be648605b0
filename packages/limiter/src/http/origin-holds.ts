import { type Clock, TIMER_MAX_MS } from '../core/clock.ts'

/** Longest hold: a server that asks for a year, perhaps by mistake, is asked again after an hour. */
export const HOLD_MAX_MS = 3_600_000

/** Until when nothing is sent to an origin, in microseconds of the clock, and the status of whatever was the cause. */
interface Hold {
  readonly origin: string
  readonly untilUs: number
  readonly status: number
}

/** Holds that are over are dropped when there are as many, and then when there are twice as many as are left. */
const SWEEP_MIN = 64

/** Which origins have asked to be left alone, and until when. */
export class OriginHolds {
  readonly #clock: Clock
  readonly #holds = new Map<string, Hold>()
  #sweepAt = SWEEP_MIN

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** How many are kept. */
  get size(): number {
    return this.#holds.size
  }

  /**
   * Holds an origin for some milliseconds, {@link HOLD_MAX_MS} at most. Of two holds on one origin the longer one counts: answers
   * overtake each other.
   */
  add(origin: string, ms: number, status: number): void {
    const now = this.#clock.now()
    if (this.#holds.size >= this.#sweepAt) this.#sweep(now)
    const untilUs = now + Math.min(ms, HOLD_MAX_MS) * 1000
    if (untilUs > Math.max(now, this.#holds.get(origin)?.untilUs ?? 0))
      this.#holds.set(origin, { origin, untilUs, status })
  }

  #sweep(now: number): void {
    for (const [origin, { untilUs }] of this.#holds) if (untilUs <= now) this.#holds.delete(origin)
    this.#sweepAt = Math.max(SWEEP_MIN, this.#holds.size * 2)
  }

  /** The longest hold on any of these origins that does not end before `endsAtUs`; null where there is none. */
  beyond(origins: Iterable<string>, endsAtUs: number): Hold | null {
    let longest: Hold | null = null
    let untilUs = Math.max(endsAtUs, this.#clock.now())
    for (const origin of origins) {
      const hold = this.#holds.get(origin)
      if (hold === undefined || hold.untilUs <= untilUs) continue
      longest = hold
      untilUs = hold.untilUs
    }
    return longest
  }

  /**
   * Waits until no hold is left on these origins: null then. Where one does not end before `endsAtUs`, it is the hold, at once.
   * Rejects with the reason of a signal that aborts.
   */
  async pass(origins: Iterable<string>, endsAtUs: number, signal: AbortSignal | null): Promise<Hold | null> {
    for (;;) {
      signal?.throwIfAborted()
      const hold = this.beyond(origins, this.#clock.now())
      if (hold === null || hold.untilUs > endsAtUs) return hold
      await this.#sleep((hold.untilUs - this.#clock.now()) / 1000, signal)
    }
  }

  #sleep(ms: number, signal: AbortSignal | null): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        cancel()
        reject(signal?.reason as Error)
      }
      const cancel = this.#clock.after(Math.min(ms, TIMER_MAX_MS), () => {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      })
      signal?.addEventListener('abort', onAbort, { once: true })
    })
  }

  /** Whole seconds that a hold lasts from now, rounded up. */
  secondsLeft({ untilUs }: Hold): number {
    return Math.ceil((untilUs - this.#clock.now()) / 1e6)
  }
}
