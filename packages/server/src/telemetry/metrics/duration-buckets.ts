import type { HistogramValue } from './metric.ts'

/** In seconds: from a decision in memory, over the deadline of a store (15 ms), to the longest answer time (1 s). */
const BOUNDS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1]

/** Durations by their size. */
export class DurationBuckets {
  static readonly bounds: readonly number[] = BOUNDS
  readonly #bounds: readonly number[]
  readonly #counts: Float64Array
  #sum = 0

  /** By upper bounds in seconds, in ascending order; of decisions where none are given. */
  constructor(bounds: readonly number[] = BOUNDS) {
    this.#bounds = bounds
    this.#counts = new Float64Array(bounds.length + 1)
  }

  add(seconds: number): void {
    const bounds = this.#bounds
    let i = 0
    while (i < bounds.length && seconds > (bounds[i] as number)) i++
    this.#counts[i] = (this.#counts[i] as number) + 1
    this.#sum += seconds
  }

  get value(): HistogramValue {
    return { counts: this.#counts, sum: this.#sum }
  }
}
