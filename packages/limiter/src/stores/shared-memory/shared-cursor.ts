import type { Budget } from '../../core/budget.ts'
import type { Rule } from '../../core/rule.ts'
import type { Seed } from '../local/siphash.ts'
import type { WorkingCopy } from '../local/working-copy.ts'
import type { SharedLayout } from './shared-layouts.ts'

/** Where the record of one request is, and where its working copy is. Reused by later decisions on the same budget. */
export interface SharedCursor extends WorkingCopy {
  readonly budget: Budget
  readonly seed: Seed
  key: string
  readonly ownLayout: SharedLayout
  /** The only rule of {@link ownLayout}, whose record is its state as it is; null where there are several. */
  readonly onlyRule: Rule | null
  layout: SharedLayout
  low: number
  high: number
  /** Position of its bucket among those owned. */
  position: number
  /** First chunk of its record, or of the overflow record that it shares; 0: there is neither. */
  chunk: number
  base: number
  standing: number
  found: boolean
  fullUntil: readonly number[] | null
}
