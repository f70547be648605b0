import type { Budget } from '../../core/budget.ts'
import type { WorkingCopy } from '../local/working-copy.ts'
import type { Table } from './hash-table.ts'
import type { Layout } from './layout.ts'
import type { PolicyTables } from './layouts.ts'

/** Where the record of one request is, and where its working copy is. Reused by later decisions on the same budget. */
export interface RecordCursor extends WorkingCopy {
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
  layout: Layout
  low: number
  high: number
  table: Table
  slot: number
  version: number
  base: number
  standing: number
  found: boolean
  /** Whether the copy can be written back where it was read: it is a record of {@link ownLayout}. */
  inPlace: boolean
  fullUntil: readonly number[] | null
}
