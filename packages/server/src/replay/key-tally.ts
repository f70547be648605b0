import { type Heavy, heaviest, SpaceSaving } from '../service/observe/space-saving.ts'

/** So many keys are counted exactly, of so many characters together. */
const EXACT_MAX = 100_000
const EXACT_LENGTH_MAX = 32 * 1024 * 1024
/** Counters for more keys than that; what comes more often than one request in so many is never missed. */
const COUNTERS = 1000

/** How often keys come, exactly or, of too many, estimated in bounded memory. */
export class KeyTally {
  readonly #exactMax: number
  readonly #lengthMax: number
  #exact: Map<string, { count: number }> | null = new Map()
  #length = 0
  #estimated: SpaceSaving | null = null

  constructor(exactMax: number = EXACT_MAX, lengthMax: number = EXACT_LENGTH_MAX) {
    this.#exactMax = exactMax
    this.#lengthMax = lengthMax
  }

  add(key: string): void {
    const exact = this.#exact
    if (exact === null) {
      this.#estimated?.add(key, 1)
      return
    }
    const known = exact.get(key)
    if (known !== undefined) known.count++
    else if (exact.size < this.#exactMax && this.#length < this.#lengthMax) {
      this.#length += key.length
      exact.set(key, { count: 1 })
    } else this.#estimate(key, exact)
  }

  /** The keys that came most often, of equal ones the first by name. */
  top(most: number): Pick<Heavy, 'key' | 'weight' | 'error'>[] {
    const all =
      this.#estimated === null
        ? [...(this.#exact ?? [])].map(([key, { count }]) => ({ key, weight: count, error: 0 }))
        : heaviest([this.#estimated.part(COUNTERS)], COUNTERS)
    return all.sort((a, b) => b.weight - a.weight || (a.key < b.key ? -1 : 1)).slice(0, most)
  }

  #estimate(key: string, exact: ReadonlyMap<string, { readonly count: number }>): void {
    const estimated = new SpaceSaving(COUNTERS)
    // The heaviest first: their counts stay exact.
    const ordered = [...exact].sort(([, a], [, b]) => b.count - a.count)
    for (const [one, { count }] of ordered) estimated.add(one, count)
    estimated.add(key, 1)
    this.#exact = null
    this.#estimated = estimated
  }
}
