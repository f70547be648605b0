import { monitorEventLoopDelay } from 'node:perf_hooks'

/** How a thread runs: its heap, and how late its timers came since it was asked before. */
export interface ThreadRuntime {
  readonly heapTotalBytes: number
  readonly heapUsedBytes: number
  readonly externalBytes: number
  readonly lagMeanSeconds: number
  readonly lagP99Seconds: number
  readonly lagMaxSeconds: number
}

const NS = 1e9
const RESOLUTION_MS = 20

/** Measures how this thread runs. */
export class RuntimeWatch {
  readonly #delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })

  constructor() {
    this.#delay.enable()
  }

  /** Begins anew to measure how late timers come. */
  take(): ThreadRuntime {
    const delay = this.#delay
    const { heapTotal, heapUsed, external } = process.memoryUsage()
    const runtime = {
      heapTotalBytes: heapTotal,
      heapUsedBytes: heapUsed,
      externalBytes: external,
      lagMeanSeconds: lateSeconds(delay.mean),
      lagP99Seconds: lateSeconds(delay.percentile(99)),
      lagMaxSeconds: lateSeconds(delay.max),
    }
    delay.reset()
    return runtime
  }

  close(): void {
    this.#delay.disable()
  }
}

/** Node measures from one turn of a timer to the next. */
function lateSeconds(ns: number): number {
  return Math.max(0, (Number.isFinite(ns) ? ns : 0) / NS - RESOLUTION_MS / 1000)
}
