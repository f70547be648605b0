/** Durations of the last one to two minutes; percentiles are rounded up, by an eighth at most. */
export interface LatencyView {
  readonly count: number
  readonly averageMs: number
  readonly p50Ms: number
  readonly p90Ms: number
  readonly p99Ms: number
}

/** Eight buckets for each power of two, of microseconds. */
const PARTS = 8
const BUCKETS = 32 * PARTS

interface Slot {
  readonly buckets: Uint32Array
  count: number
  sumMs: number
}

/** What a window holds, as plain data. */
export type LatencyPart = Readonly<Slot>

/** Counts durations in buckets whose number is fixed. */
export class LatencyWindow {
  #current = emptySlot()
  #former: Slot | null = null

  add(durationMs: number): void {
    const slot = this.#current
    const bucket = bucketOf(durationMs * 1000)
    slot.buckets[bucket] = (slot.buckets[bucket] as number) + 1
    slot.count++
    slot.sumMs += durationMs
  }

  /** Forgets what was there before the last time. */
  rotate(): void {
    this.#former = this.#current
    this.#current = emptySlot()
  }

  part(): LatencyPart {
    return mergeLatencies(this.#former === null ? [this.#current] : [this.#current, this.#former])
  }
}

/** Several windows as one that had all that was added to any of them. */
export function mergeLatencies(parts: readonly LatencyPart[]): LatencyPart {
  const merged = emptySlot()
  for (const { buckets, count, sumMs } of parts) {
    for (let i = 0; i < BUCKETS; i++) {
      merged.buckets[i] = (merged.buckets[i] as number) + (buckets[i] as number)
    }
    merged.count += count
    merged.sumMs += sumMs
  }
  return merged
}

/** Null where nothing was added. */
export function latencyView({ buckets, count, sumMs }: LatencyPart): LatencyView | null {
  if (count === 0) return null
  const percentile = (share: number): number => {
    let left = Math.ceil(count * share)
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      left -= buckets[bucket] as number
      if (left <= 0) return upperMs(bucket)
    }
    return upperMs(BUCKETS - 1)
  }
  return {
    count,
    averageMs: Math.round((sumMs / count) * 1000) / 1000,
    p50Ms: percentile(0.5),
    p90Ms: percentile(0.9),
    p99Ms: percentile(0.99),
  }
}

function emptySlot(): Slot {
  return { buckets: new Uint32Array(BUCKETS), count: 0, sumMs: 0 }
}

function bucketOf(us: number): number {
  const whole = Math.max(1, Math.min(0x7fffffff, Math.ceil(us)))
  const octave = 31 - Math.clz32(whole)
  const part = octave < 3 ? 0 : (whole >> (octave - 3)) & (PARTS - 1)
  return octave < 3 ? whole : octave * PARTS + part
}

/** The longest duration of a bucket. */
function upperMs(bucket: number): number {
  if (bucket < PARTS) return bucket / 1000
  const octave = Math.floor(bucket / PARTS)
  const us = 2 ** (octave - 3) * (PARTS + (bucket % PARTS) + 1) - 1
  return us / 1000
}
