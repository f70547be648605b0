/** What a metric is called and says: what is exposed and what is documented. */
export interface MetricInfo {
  readonly type: 'counter' | 'gauge' | 'histogram'
  /** One sentence. */
  readonly help: string
  /** Names of its labels, in the order of their values. */
  readonly labels?: readonly string[]
  /**
   * What several threads of a process tell together: the most or the least that one of them tells, or what that one tells which speaks
   * for all (`one`).
   * @default the sum
   */
  readonly threads?: 'most' | 'least' | 'one'
}

/** One series: values of the labels, and a number or a histogram. */
export type Sample = readonly [labels: readonly string[], value: number | HistogramValue]

/** Observations by size. */
export interface HistogramValue {
  /** How many fell into each bucket, and last those above all bounds. */
  readonly counts: ArrayLike<number>
  readonly sum: number
}

/** A metric with its series, as they are now. */
export interface Family extends MetricInfo {
  readonly name: string
  readonly samples: readonly Sample[]
  /** Upper bounds of the buckets of a histogram, in its unit. */
  readonly bounds?: readonly number[]
}
