import type { LatencyView } from '../core/health-report.ts'

const PERIOD_US = 10_000_000
/** Buckets per power of two, as bits. */
const STEP_BITS = 3
const STEPS = 1 << STEP_BITS
const BUCKETS = 32 * STEPS

interface Period {
  readonly counts: Uint32Array
  count: number
  maxUs: number
}

/** Latencies of the last 10 to 20 s: two histograms of 10 s each, which are rotated. */
export class LatencyHistogram {
  #current = emptyPeriod()
  #previous = emptyPeriod()
  #rotateAtUs = 0

  // A bound function, since it is passed as a callback.
  readonly record = (elapsedUs: number, nowUs: number): void => {
    if (nowUs >= this.#rotateAtUs) this.#rotate(nowUs)
    const period = this.#current
    const us = elapsedUs > 0 ? elapsedUs | 0 : 0
    const bucket = bucketOf(us)
    period.counts[bucket] = (period.counts[bucket] as number) + 1
    period.count++
    if (us > period.maxUs) period.maxUs = us
  }

  /** Null if nothing was measured. */
  view(nowUs: number): LatencyView | null {
    if (nowUs >= this.#rotateAtUs) this.#rotate(nowUs)
    const periods = [this.#current, this.#previous]
    const count = periods.reduce((sum, period) => sum + period.count, 0)
    if (count === 0) return null
    const maxMs = Math.max(...periods.map(({ maxUs }) => maxUs)) / 1000
    const quantile = (q: number): number => Math.min(maxMs, this.#rankMs(Math.ceil(count * q)))
    return { count, p50Ms: quantile(0.5), p99Ms: quantile(0.99), maxMs }
  }

  /** Upper bound of the bucket that holds the value of this rank, from 1. */
  #rankMs(rank: number): number {
    let seen = 0
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      seen += (this.#current.counts[bucket] as number) + (this.#previous.counts[bucket] as number)
      if (seen >= rank) return upperUs(bucket) / 1000
    }
    return upperUs(BUCKETS - 1) / 1000
  }

  #rotate(nowUs: number): void {
    // After a longer pause the current histogram is too old as well.
    this.#previous = nowUs - this.#rotateAtUs < PERIOD_US ? this.#current : emptyPeriod()
    this.#current = emptyPeriod()
    this.#rotateAtUs = nowUs + PERIOD_US
  }
}

function emptyPeriod(): Period {
  return { counts: new Uint32Array(BUCKETS), count: 0, maxUs: 0 }
}

/** Values below 8 have a bucket each; from there on there are eight buckets per power of two. */
function bucketOf(us: number): number {
  if (us < STEPS) return us
  const exponent = 31 - Math.clz32(us)
  return (exponent - STEP_BITS + 1) * STEPS + ((us >> (exponent - STEP_BITS)) & (STEPS - 1))
}

/** The largest value of a bucket, in microseconds. */
function upperUs(bucket: number): number {
  if (bucket < STEPS) return bucket
  const exponent = Math.floor(bucket / STEPS) - 1
  return (STEPS + (bucket % STEPS) + 1) * 2 ** exponent - 1
}
