import type { RecordLayout } from './record-layout.ts'

/** The state of one key while a decision works on it: a part of the `state` of its keyspace. */
export interface WorkingCopy {
  /** Layout of the copy: that of the budget, or one with states of other identities behind. */
  readonly layout: RecordLayout
  /** Offset of the copy. */
  readonly base: number
  /** Offset of the key's standing; -1 if it has none. */
  readonly standing: number
  /** Fingerprint of the key. */
  readonly low: number
  readonly high: number
  /** Whether the key has a record of its own; false also when it shares an overflow record. */
  readonly found: boolean
  /** Whether all rules pass that are not in shadow, and whether any rule would spend. Set by each decision. */
  together: boolean
  spends: boolean
  /** Whether even a denial must write the copy: see `Adopted`. */
  mustSave: boolean
  /**
   * For every rule that may not begin, because five others of its name hold state, when the first of these recovers; 0
   * for the other rules. Null if all may.
   */
  readonly fullUntil: readonly number[] | null
}
