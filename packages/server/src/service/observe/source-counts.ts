import type { Decision, Health } from 'headgate'

type Counts = Record<keyof NonNullable<Health['decisions']>, number>

/** Counts decisions by what they came from. Looks, which are no decisions of anybody, are none here, as they are for a limiter. */
export class SourceCounts {
  readonly #counts: Counts = { store: 0, lease: 0, 'deny-cache': 0, fallback: 0, open: 0, closed: 0 }

  add({ source }: Decision): void {
    if (source !== 'none') this.#counts[source]++
  }

  view(): Readonly<Counts> {
    return { ...this.#counts }
  }
}
