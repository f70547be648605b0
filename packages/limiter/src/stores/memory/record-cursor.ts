import type { Budget } from '../../core/budget.ts'
import type { Table } from './hash-table.ts'
import type { Layout } from './layout.ts'
import type { Scope } from './layouts.ts'

/** Where the state of one request was found and where its working copy lies. */
export interface RecordCursor {
  readonly budget: Budget
  key: string
  /** Last unit of the key. */
  lastUnit: number
  readonly scope: Scope
  /** The layout of the budget, and the numbers of state in its records. */
  readonly ownLayout: Layout
  readonly width: number
  /** How much of a record is in use, where its state grows and shrinks; null where all of it is. */
  readonly sizeOf: ((state: Float64Array, offset: number) => number) | null
  /** What the head of a record of the own layout says; -2, which none says, where state lies in a box. */
  readonly ownId: number
  /** Layout of the working copy: {@link ownLayout}, or one with other identities' state behind it. */
  layout: Layout
  low: number
  high: number
  table: Table
  slot: number
  version: number
  /** Begin of the working copy in the keyspace's state. */
  base: number
  /** Whether the key itself has a record; false too when it shares an overflow record. */
  found: boolean
  /** Whether the copy is that of a record of the own layout, to be written back where it was read. */
  inPlace: boolean
  /** Whether even a denial must write the copy: see `Adopted`. */
  mustSave: boolean
  /** For every rule when the first of five other windows of its name recovers, if it may not begin; else 0. Null: all may. */
  full: readonly number[] | null
}
