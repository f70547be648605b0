// biome-ignore-all lint/complexity/useMaxParams: a hot path; an object of arguments would be made for every decision
import type { BudgetKey } from '../../core/store.ts'
import type { WorkingCopy } from './working-copy.ts'

/** The records of a store in this process, by key: it loads them into working copies, and saves those. */
export interface Keyspace<C extends WorkingCopy = WorkingCopy> {
  /** Working copies of one decision; another array whenever one more does not fit. */
  readonly state: Float64Array
  /** Loads the state of the request at `index` of its decision; `base` is the offset of its working copy. */
  load(index: number, request: BudgetKey, base: number, now: number): C
  /** Writes the working copy back. */
  save(copy: C, now: number): void
  /** Makes room for a standing behind the working copy, which needs `STANDING_SIZE` unused doubles there. */
  addStanding(copy: C): void
  /**
   * Changes the standing of a key and leaves the states of its rules as they are stored, whichever budget they are of. Against
   * a key without a record it makes one, which inherits what its overflow record has used.
   */
  changeStanding(request: BudgetKey, now: number, change: (standing: Float64Array) => void): void
  /** Removes the record of a key. */
  forget(request: BudgetKey): void
}
