import type { Http2Clock } from '../../src/http2/http2-clock.ts'

/** The time of a server of HTTP/2, which passes as a test says. */
export class ManualHttp2Clock implements Http2Clock {
  readonly #ticks = new Set<() => void>()
  #now = 0

  now(): number {
    return this.#now
  }

  everySecond(tick: () => void): () => void {
    this.#ticks.add(tick)
    return () => this.#ticks.delete(tick)
  }

  /** Lets seconds pass, one by one. */
  pass(seconds: number): void {
    for (let i = 0; i < seconds; i++) {
      this.#now += 1000
      for (const tick of this.#ticks) tick()
    }
  }
}
