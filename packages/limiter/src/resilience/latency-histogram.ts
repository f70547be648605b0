import type { LatencyView } from '../core/health-report.ts'

const PERIOD_US = 10_000_000
/** Steps between two powers of two, as bits. */
const STEP_BITS = 3
const STEPS = 1 << STEP_BITS
const BUCKETS = 32 * STEPS

interface Period {
  readonly counts: Uint32Array
  count: number
  maxUs: number
}

/** Two histograms that take turns: one fills while the other still counts. */
export class LatencyHistogram {
  #current = emptyPeriod()
  #previous = emptyPeriod()
  #turnAtUs = 0

  // Bound once: it is handed on.
  readonly record = (elapsedUs: number, nowUs: number): void => {
    if (nowUs >= this.#turnAtUs) this.#turn(nowUs)
    const period = this.#current
    const us = elapsedUs > 0 ? elapsedUs | 0 : 0
    const bucket = bucketOf(us)
    period.counts[bucket] = (period.counts[bucket] as number) + 1
    period.count++
    if (us > period.maxUs) period.maxUs = us
  }

  /** Null when nothing was measured. */
  view(nowUs: number): LatencyView | null {
    if (nowUs >= this.#turnAtUs) this.#turn(nowUs)
    const periods = [this.#current, this.#previous]
    const count = periods.reduce((sum, period) => sum + period.count, 0)
    if (count === 0) return null
    const maxMs = Math.max(...periods.map(({ maxUs }) => maxUs)) / 1000
    const at = (share: number): number => Math.min(maxMs, this.#percentileMs(Math.ceil(count * share)))
    return { count, p50Ms: at(0.5), p99Ms: at(0.99), maxMs }
  }

  #percentileMs(rank: number): number {
    let seen = 0
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      seen += (this.#current.counts[bucket] as number) + (this.#previous.counts[bucket] as number)
      if (seen >= rank) return upperUs(bucket) / 1000
    }
    return upperUs(BUCKETS - 1) / 1000
  }

  #turn(nowUs: number): void {
    // After a longer pause what the current one holds is as old as what the previous one did.
    this.#previous = nowUs - this.#turnAtUs < PERIOD_US ? this.#current : emptyPeriod()
    this.#current = emptyPeriod()
    this.#turnAtUs = nowUs + PERIOD_US
  }
}

function emptyPeriod(): Period {
  return { counts: new Uint32Array(BUCKETS), count: 0, maxUs: 0 }
}

/** Values below 8 have a bucket each; then eight to a power of two. */
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
