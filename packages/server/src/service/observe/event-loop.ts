import { monitorEventLoopDelay } from 'node:perf_hooks'

/** How late turns of the event loop were in the last one to two minutes, in milliseconds. */
export interface EventLoopView {
  readonly meanMs: number
  readonly p99Ms: number
  readonly maxMs: number
}

const RESOLUTION_MS = 20
const MS = 1e6
const SLOT_S = 60

/** Measures how late the event loop is. */
export class EventLoopWatch {
  readonly #delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  #former: EventLoopView | null = null
  #seconds = 0

  constructor() {
    this.#delay.enable()
  }

  /** A second has passed. */
  tick(): void {
    this.#seconds++
    if (this.#seconds % SLOT_S !== 0) return
    this.#former = this.#current()
    this.#delay.reset()
  }

  view(): EventLoopView {
    const current = this.#current()
    const former = this.#former ?? current
    return {
      meanMs: current.meanMs,
      p99Ms: Math.max(current.p99Ms, former.p99Ms),
      maxMs: Math.max(current.maxMs, former.maxMs),
    }
  }

  close(): void {
    this.#delay.disable()
  }

  #current(): EventLoopView {
    const { mean, max } = this.#delay
    return { meanMs: lateMs(mean), p99Ms: lateMs(this.#delay.percentile(99)), maxMs: lateMs(max) }
  }
}

/** Node measures from one turn of a timer to the next. */
function lateMs(ns: number): number {
  const ms = (Number.isFinite(ns) ? ns : 0) / MS - RESOLUTION_MS
  return Math.round(Math.max(0, ms) * 1000) / 1000
}
