import { type Clock, TIMER_MAX_MS } from '../core/clock.ts'

/** Until when nothing is sent to an origin, in microseconds of the clock, and the status of whatever was the cause. */
interface Hold {
  readonly untilUs: number
  readonly status: number
}

/** Which origins have asked to be left alone, and until when. */
export class OriginHolds {
  readonly #clock: Clock
  readonly #holds = new Map<string, Hold>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Of two holds on one origin the longer one counts: answers overtake each other. */
  add(origin: string, ms: number, status: number): void {
    const now = this.#clock.now()
    const untilUs = now + ms * 1000
    for (const [other, hold] of this.#holds) if (hold.untilUs <= now) this.#holds.delete(other)
    if (untilUs > Math.max(now, this.#holds.get(origin)?.untilUs ?? 0))
      this.#holds.set(origin, { untilUs, status })
  }

  /** The hold that does not end before `endsAtUs`; null where there is none, so that waiting is worth it. */
  beyond(origin: string, endsAtUs: number): Hold | null {
    const hold = this.#holds.get(origin)
    return hold !== undefined && hold.untilUs > Math.max(endsAtUs, this.#clock.now()) ? hold : null
  }

  /**
   * Waits until no hold is left on an origin: null then. Where one does not end before `endsAtUs`, it is the hold, at once.
   * Rejects with the reason of a signal that aborts.
   */
  async pass(origin: string, endsAtUs: number, signal: AbortSignal | null): Promise<Hold | null> {
    for (;;) {
      signal?.throwIfAborted()
      const hold = this.beyond(origin, this.#clock.now())
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
