import type { Budget } from '../../core/budget.ts'
import type { Layout } from './layout.ts'
import type { Scope } from './layouts.ts'
import type { Table } from './table.ts'

/** Where the state of one ask was found and where its working copy lies. */
export interface Place {
  readonly budget: Budget
  key: string
  /** Last unit of the key. */
  tail: number
  readonly scope: Scope
  /** The layout of the budget, and the numbers of state in its records. */
  readonly home: Layout
  readonly width: number
  /** What the head of a record of the home layout says; -2, which none says, where state lies in a box. */
  readonly plainId: number
  /** Layout of the working copy: {@link home}, or one with other configurations' rules behind it. */
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
  /** Whether the copy is that of a record of the home layout, to be written back where it was read. */
  plain: boolean
  /** Whether the stored state lay in the future. */
  ahead: boolean
}
