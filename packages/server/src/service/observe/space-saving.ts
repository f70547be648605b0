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
export function heaviest(sketches: readonly SpaceSaving[], count: number): Heavy[] {
  const keys = new Set(sketches.flatMap((sketch) => [...sketch.keys()]))
  const all = [...keys].map((key) => {
    const parts = sketches.map((sketch) => sketch.get(key) ?? atMost(sketch.floor))
    return {
      key,
      weight: sum(parts.map(({ weight }) => weight)),
      error: sum(parts.map(({ error }) => error)),
      variance: sum(parts.map(({ variance }) => variance)),
    }
  })
  return all.sort((a, b) => b.weight - a.weight).slice(0, count)
}

/** What is known of a key that is not among the counters. */
function atMost(floor: number): Omit<Heavy, 'key'> {
  return { weight: floor, error: floor, variance: 0 }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
