import { countOf, type Fingerprint, KeptRecord, LAYOUT } from './kept-records.ts'
import { NEVER_ENDS } from './records.ts'
import { OVERFLOW_BIT, type SharedLayout, type SharedLayouts } from './shared-layouts.ts'
import type { ThreadMemory } from './thread-memory.ts'

/** By how much longer than it has to a record of a layout lasts, so that it is seldom written. */
const SLACK_S = 60

/** Layouts of one thread, and the records by which threads learn those of others. */
export class LayoutRecords {
  readonly #memory: ThreadMemory
  readonly #layouts: SharedLayouts

  constructor(memory: ThreadMemory, layouts: SharedLayouts) {
    this.#memory = memory
    this.#layouts = layouts
  }

  /** Sees to it that a layout can be learned until a second since 1970; the transaction under way may have to begin again. */
  keep(layout: SharedLayout, end: number): void {
    // What has recovered is read as well, until it is swept.
    const needed = Math.max(1, end)
    if (needed > layout.keptUntil) this.#memory.need(() => this.#write(layout, needed))
  }

  /**
   * The layout of a record; the transaction under way may have to begin again. A record whose layout is gone has ended, and is
   * removed.
   */
  of(chunk: number): SharedLayout {
    const { records } = this.#memory
    const [low, high] = [records.layoutLowAt(chunk), records.layoutHighAt(chunk)]
    const known = this.#layouts.byFingerprint(low, high)
    if (known !== undefined) return known
    const key = { low: records.lowAt(chunk), high: records.highAt(chunk) }
    this.#memory.ownership.check()
    return this.#memory.need(() => this.#learn({ low, high: high & ~OVERFLOW_BIT }, key))
  }

  #write(layout: SharedLayout, end: number): void {
    const { time } = this.#memory
    const now = Math.floor(time.now() / 1_000_000)
    const wanted = Math.min(NEVER_ENDS, end + Math.max(0, end - now) + SLACK_S)
    layout.keptUntil = this.#memory.transact(() => {
      const record = new KeptRecord(this.#memory, LAYOUT, layout)
      if (record.end < wanted) record.writeText(this.#layouts.textOf(layout), wanted)
      return Math.max(record.end, wanted)
    })
  }

  #learn(layout: Fingerprint, key: Fingerprint): void {
    const memory = this.#memory
    // At once, as another thread may just write the record of the layout, and then this one again.
    const text = memory.transact(() => {
      const kept = new KeptRecord(memory, LAYOUT, layout).text
      if (kept === null) this.#removeOrphan(layout, key)
      return kept
    })
    if (text !== null) this.#layouts.learn(text)
  }

  #removeOrphan(layout: Fingerprint, { low, high }: Fingerprint): void {
    const { records, ownership } = this.#memory
    const position = ownership.own(records.bucketOf(low))
    const chunk = records.find(position, low, high)
    if (chunk === 0 || records.layoutLowAt(chunk) !== layout.low) return
    const count = countOf(layout.low, records.layoutHighAt(chunk))
    records.remove(position, chunk)
    if (count !== null) this.#memory.remove(count)
  }
}
