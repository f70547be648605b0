import type { RecordMemory, Table } from './hash-table.ts'
import { unpack } from './layout.ts'
import type { Layouts } from './layouts.ts'

/** Slots searched for a recovered record when a new key comes to a full store. */
const SWEEP_SLOTS = 96

/** Removes records whose rules have all recovered. It searches a few slots per call, so it needs no timer. */
export class Sweeper {
  readonly #layouts: Layouts
  #scratch: Float64Array = new Float64Array(256)
  #table = 0
  #slot = 0

  constructor(layouts: Layouts) {
    this.#layouts = layouts
  }

  /**
   * Removes the first recovered record among the next slots; returns how many were removed. All slots get their turn.
   */
  sweep(now: number): number {
    const tables = [...this.#layouts.tables.values()]
    for (let searched = 0; searched < SWEEP_SLOTS; searched++) {
      const table = tables[this.#table % tables.length]?.table as Table
      if (this.#slot >= table.capacity) {
        this.#slot = 0
        this.#table++
        continue
      }
      const slot = this.#slot++
      if (table.layoutAt(slot) === 0 || !this.isRecovered(table, slot, now)) continue
      table.remove(slot)
      return 1
    }
    return 0
  }

  /** Whether every rule of a record has recovered, so that dropping it changes no answer. */
  isRecovered(memory: RecordMemory, slot: number, now: number): boolean {
    const layout = this.#layouts.byId(memory.ints[slot * memory.stride * 2 + 2] as number)
    if (layout.workingSize > this.#scratch.length) this.#scratch = new Float64Array(layout.workingSize)
    const scratch = this.#scratch
    unpack(memory, slot, layout, scratch, 0)
    for (let i = 0; i < layout.rules.length; i++) {
      const { algorithm, terms } = layout.rules[i] as (typeof layout.rules)[number]
      if (algorithm.recoversAt(terms, scratch, layout.offsets[i] as number) > now) return false
    }
    return true
  }
}
