import { family, type MetricName } from './catalogue.ts'
import { OTHER } from './closed-names.ts'
import type { Family } from './metric.ts'

/** More series than any set of labels that we give has; a mistake of ours must not fill a memory. */
const SERIES_MAX = 500

/** A counter for what happens seldom, by values of labels. */
export class LabelledCounts {
  readonly #name: MetricName
  readonly #counts = new Map<string, { readonly labels: readonly string[]; count: number }>()

  constructor(name: MetricName) {
    this.#name = name
  }

  add(labels: readonly string[], by = 1): void {
    const known = this.#counts.get(labels.join('\n'))
    if (known !== undefined) {
      known.count += by
      return
    }
    const taken = this.#counts.size < SERIES_MAX ? labels : labels.map(() => OTHER)
    const count = (this.#counts.get(taken.join('\n'))?.count ?? 0) + by
    this.#counts.set(taken.join('\n'), { labels: taken, count })
  }

  family(): Family {
    return family(
      this.#name,
      [...this.#counts.values()].map(({ labels, count }) => [labels, count]),
    )
  }
}
