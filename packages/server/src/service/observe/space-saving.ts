/** A key and what it is estimated to weigh. */
export interface Heavy {
  readonly key: string
  /** Never less than what was added for the key. */
  readonly weight: number
  /** By how much that can be too much. */
  readonly error: number
  /** The variance that came with what was added, where that was estimated itself. */
  readonly variance: number
}

/** The heaviest keys of a stream as plain data. */
export interface SketchPart {
  /** All that was added. */
  readonly total: number
  /** What a key may weigh at most that is not listed. */
  readonly floor: number
  readonly keys: readonly string[]
  /** Weight, error and variance of each key in turn. */
  readonly figures: Float64Array
}

interface Counter {
  key: string
  weight: number
  error: number
  variance: number
  /** Where it stands in the heap. */
  place: number
}

/**
 * The heaviest keys of a stream in bounded memory, by Space-Saving with weights (Metwally, Agrawal, El Abbadi: Efficient
 * computation of frequent and top-k elements in data streams, 2005). With k counters and N added in all, each key of more than
 * N/k is among them, and no estimate is more than N/k too high.
 */
export class SpaceSaving {
  readonly #capacity: number
  readonly #counters = new Map<string, Counter>()
  /** The same as a heap: the lightest first. */
  readonly #heap: Counter[] = []
  #total = 0

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  /** All that was added. */
  get total(): number {
    return this.#total
  }

  /** What a key may weigh at most that is not among the counters. */
  get floor(): number {
    return this.#heap.length < this.#capacity ? 0 : (this.#heap[0] as Counter).weight
  }

  add(key: string, weight: number, variance = 0): void {
    this.#total += weight
    const known = this.#counters.get(key)
    if (known !== undefined) {
      known.weight += weight
      known.variance += variance
      this.#sink(known)
    } else if (this.#heap.length < this.#capacity) {
      const counter = { key, weight, error: 0, variance, place: this.#heap.length }
      this.#counters.set(key, counter)
      this.#heap.push(counter)
      this.#rise(counter)
    } else {
      this.#replaceLightest(key, weight, variance)
    }
  }

  get(key: string): Heavy | undefined {
    return this.#counters.get(key)
  }

  keys(): Iterable<string> {
    return this.#counters.keys()
  }

  /** The heaviest `most` of its keys: whoever is left out weighs no more than the `floor` says. */
  part(most: number): SketchPart {
    const isWhole = this.#heap.length <= most
    const all = isWhole ? this.#heap : [...this.#heap].sort((a, b) => b.weight - a.weight)
    const listed = all.slice(0, most)
    const figures = new Float64Array(3 * listed.length)
    for (const [i, { weight, error, variance }] of listed.entries())
      figures.set([weight, error, variance], 3 * i)
    const floor = isWhole ? this.floor : (all[most] as Counter).weight
    return { total: this.#total, floor, keys: listed.map(({ key }) => key), figures }
  }

  #replaceLightest(key: string, weight: number, variance: number): void {
    const lightest = this.#heap[0] as Counter
    this.#counters.delete(lightest.key)
    lightest.key = key
    lightest.error = lightest.weight
    lightest.weight += weight
    lightest.variance += variance
    this.#counters.set(key, lightest)
    this.#sink(lightest)
  }

  #rise(counter: Counter): void {
    while (counter.place > 0) {
      const parent = this.#heap[(counter.place - 1) >> 1] as Counter
      if (parent.weight <= counter.weight) return
      this.#swap(parent, counter)
    }
  }

  #sink(counter: Counter): void {
    for (;;) {
      const left = this.#heap[2 * counter.place + 1]
      const right = this.#heap[2 * counter.place + 2]
      if (left === undefined) return
      const lighter = right !== undefined && right.weight < left.weight ? right : left
      if (lighter.weight >= counter.weight) return
      this.#swap(counter, lighter)
    }
  }

  #swap(a: Counter, b: Counter): void {
    const { place } = a
    a.place = b.place
    b.place = place
    this.#heap[a.place] = a
    this.#heap[b.place] = b
  }
}

/** The heaviest keys of several streams together, heaviest first; what holds of one holds of their sum. */
export function heaviest(parts: readonly SketchPart[], count: number): Heavy[] {
  // What a key is not listed with it may weigh all the same.
  const floors = parts.reduce((sum, { floor }) => sum + floor, 0)
  const all = new Map<string, { weight: number; error: number; variance: number }>()
  for (const { floor, keys, figures } of parts) {
    for (const [i, key] of keys.entries()) {
      const known = all.get(key) ?? { weight: floors, error: floors, variance: 0 }
      known.weight += (figures[3 * i] as number) - floor
      known.error += (figures[3 * i + 1] as number) - floor
      known.variance += figures[3 * i + 2] as number
      all.set(key, known)
    }
  }
  const heavy = [...all].map(([key, figures]) => ({ key, ...figures }))
  return heavy.sort((a, b) => b.weight - a.weight).slice(0, count)
}
