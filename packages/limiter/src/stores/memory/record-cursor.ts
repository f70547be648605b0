import type { Budget } from '../../core/budget.ts'
import type { Table } from './hash-table.ts'
import type { Layout } from './layout.ts'
import type { PolicyTables } from './layouts.ts'

/** Where the record of one request is, and where its working copy is. Reused by later decisions on the same budget. */
export interface RecordCursor {
  readonly budget: Budget
  key: string
  /** Last UTF-16 code unit of the key. */
  lastUnit: number
  readonly policy: PolicyTables
  /** The layout of the budget, and its width. */
  readonly ownLayout: Layout
  readonly width: number
  /** Doubles in use of a state whose size varies; null where all are. */
  readonly sizeOf: ((state: Float64Array, offset: number) => number) | null
  /** The id of {@link ownLayout}; -2, which no record has, if it is boxed. */
  readonly ownId: number
  /** Layout of the working copy: {@link ownLayout}, or one with states of other identities behind. */
  layout: Layout
  low: number
  high: number
  table: Table
  slot: number
  version: number
  /** Offset of the working copy in the keyspace's `state`. */
  base: number
  /** Offset of the key's standing in the keyspace's `state`; -1 if it has none. */
  standing: number
  /** Whether the key has a record of its own; false also when it shares an overflow record. */
  found: boolean
  /** Whether the copy can be written back where it was read: it is a record of {@link ownLayout}. */
  inPlace: boolean
  /** Whether all rules pass that are not in shadow, and whether any rule would spend. Set by each decision. */
  together: boolean
  spends: boolean
  /** Whether even a denial must write the copy: see `Adopted`. */
  mustSave: boolean
  /**
   * For every rule that may not begin, because five others of its name hold state, when the first of these recovers; 0
   * for the other rules. Null if all may.
   */
  fullUntil: readonly number[] | null
}
