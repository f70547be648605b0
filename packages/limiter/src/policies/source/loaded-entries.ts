import type { PolicySet } from '../policy-set.ts'

/** What is known of one key. */
export interface Entry {
  set: PolicySet | null
  /** Why the last load failed; null where it did not. */
  failure: { readonly reason: unknown } | null
  /** Until then nothing is loaded: limits are fresh, or a load has just failed. */
  usableUntilUs: number
  load: Load | null
  /** How many loads were started. */
  loads: number
  /** Results of loads before this one do not count. */
  oldestLoad: number
}

/** A load that was started. */
export interface Load {
  readonly number: number
  readonly startedUs: number
  readonly done: Promise<void>
}

/** Most keys without limits that are kept besides, at most as many as there may be keys with limits. */
const UNKNOWN_MAX = 1000

/**
 * The entries of keys whose limits are known, and those of other keys, each in the order of use, the least recent first. They
 * do not displace each other: keys that somebody makes up must not take away the limits of customers.
 */
export class LoadedEntries {
  readonly #known = new Map<string, Entry>()
  readonly #unknown = new Map<string, Entry>()
  readonly #max: number
  readonly #onDrop: (entry: Entry) => void

  /** `max` is how many entries with limits are kept; `onDrop` gets each that is kept no longer. */
  constructor(max: number, onDrop: (entry: Entry) => void) {
    this.#max = max
    this.#onDrop = onDrop
  }

  /** The entry of a key, a new one where there is none; it counts as used now. */
  use(scope: string): Entry {
    const known = this.#known.get(scope)
    if (known !== undefined) return this.#put(this.#known, scope, known)
    return this.#put(this.#unknown, scope, this.#unknown.get(scope) ?? newEntry())
  }

  /** Keeps an entry as one with limits; false where the key has another entry by now. */
  know(scope: string, entry: Entry): boolean {
    const current = this.get(scope)
    if (current !== undefined && current !== entry) return false
    this.#unknown.delete(scope)
    this.#put(this.#known, scope, entry)
    return true
  }

  get(scope: string): Entry | undefined {
    return this.#known.get(scope) ?? this.#unknown.get(scope)
  }

  all(): Entry[] {
    return [...this.#known.values(), ...this.#unknown.values()]
  }

  #put(entries: Map<string, Entry>, scope: string, entry: Entry): Entry {
    // Re-inserted at the end, so that the first one is the least recently used.
    entries.delete(scope)
    entries.set(scope, entry)
    const max = entries === this.#known ? this.#max : Math.min(this.#max, UNKNOWN_MAX)
    if (entries.size > max) {
      const [[oldest, dropped]] = entries as unknown as [[string, Entry]]
      entries.delete(oldest)
      this.#onDrop(dropped)
    }
    return entry
  }
}

function newEntry(): Entry {
  return { set: null, failure: null, usableUntilUs: 0, load: null, loads: 0, oldestLoad: 0 }
}
