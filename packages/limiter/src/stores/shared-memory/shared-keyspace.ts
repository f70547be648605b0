// biome-ignore-all lint/complexity/useMaxParams: a hot path; an object of arguments would be made for every decision
import { STANDING_SIZE } from '../../core/standing.ts'
import type { BudgetKey } from '../../core/store.ts'
import { adopt } from '../local/adopt.ts'
import { changedStanding } from '../local/changed-standing.ts'
import type { Keyspace } from '../local/keyspace.ts'
import type { LaidOut } from '../local/record-layout.ts'
import { overflowHigh, overflowLow } from '../local/siphash.ts'
import { standingRule } from '../local/standing-rule.ts'
import { FULL } from './chunk-pool.ts'
import { LayoutRecords } from './layout-records.ts'
import { KEYS, OVERFLOW_UNTIL, OVERFLOWED } from './memory-map.ts'
import { endOf, pack, packedMax, sizeInUse, unpack } from './packed-state.ts'
import { RecordFinder } from './record-finder.ts'
import { TAIL_MAX } from './records.ts'
import type { SharedCursor } from './shared-cursor.ts'
import { OVERFLOW_BIT, type SharedLayout, SharedLayouts } from './shared-layouts.ts'
import { sweep } from './sweep.ts'
import type { ThreadMemory } from './thread-memory.ts'

/** Buckets that are swept when a new key comes to a full store. */
const SWEEP_BUCKETS = 64

/** Records in memory that threads share, of at most `maxKeys` keys (G10). All methods are for a transaction that began with `open`. */
export class SharedKeyspace implements Keyspace<SharedCursor> {
  state: Float64Array = new Float64Array(256)
  readonly #memory: ThreadMemory
  readonly #layouts: SharedLayouts
  readonly #layoutRecords: LayoutRecords
  readonly #finder: RecordFinder
  #packed: Float64Array = new Float64Array(256)
  /** Whether this decision has looked for records that have ended. */
  #hasSwept = false

  constructor(memory: ThreadMemory) {
    this.#memory = memory
    this.#layouts = new SharedLayouts(memory.map.seed)
    this.#layoutRecords = new LayoutRecords(memory, this.#layouts)
    this.#finder = new RecordFinder(memory, this.#layouts)
  }

  /** For what has nothing to do with the decisions before: the store may have room again. */
  beginDecision(): void {
    this.#hasSwept = false
    this.#finder.beginDecision()
  }

  /** Owns all that requests are about; returns the time by which they are decided. */
  open(requests: readonly BudgetKey[]): number {
    return this.#finder.open(requests)
  }

  load(index: number, _request: BudgetKey, base: number, now: number): SharedCursor {
    const cursor = this.#finder.at(index)
    const { ownLayout, chunk } = cursor
    const { records } = this.#memory
    cursor.base = base
    cursor.layout = ownLayout
    cursor.standing = -1
    cursor.mustSave = false
    cursor.fullUntil = null
    this.#reserve(base + ownLayout.workingSize + TAIL_MAX)
    if (chunk === 0) {
      this.state.fill(0, base, base + ownLayout.workingSize)
      return cursor
    }
    const isAlike =
      records.layoutLowAt(chunk) === ownLayout.low &&
      (records.layoutHighAt(chunk) | OVERFLOW_BIT) === (ownLayout.high | OVERFLOW_BIT)
    if (!isAlike) this.#adopt(cursor, now)
    else if (cursor.onlyRule !== null) records.readInto(chunk, this.state, base)
    else unpack(ownLayout, records.readAll(chunk), this.state, base)
    // Nothing is computed of what others may have changed meanwhile.
    this.#memory.ownership.check()
    return cursor
  }

  save(cursor: SharedCursor, now: number): void {
    const { layout, base, position } = cursor
    const end = endOf(layout, this.state, base)
    this.#layoutRecords.keep(layout, end)
    if (!cursor.found && !this.#addKey(layout)) this.#saveOverflow(cursor, end, now)
    else {
      const chunk = this.#write(position, cursor.found ? this.#recordOf(cursor) : 0, cursor)
      this.#memory.records.sign(chunk, cursor.low, cursor.high, layout.low, layout.high, end, now | 0)
      cursor.chunk = chunk
      cursor.found = true
    }
  }

  addStanding(cursor: SharedCursor): void {
    const { layout, base } = cursor
    cursor.layout = this.#layouts.intern([...layout.rules, standingRule])
    cursor.standing = base + layout.workingSize
    this.#reserve(cursor.standing + STANDING_SIZE)
    this.state.fill(0, cursor.standing, cursor.standing + STANDING_SIZE)
  }

  changeStanding(_request: BudgetKey, now: number, change: (standing: Float64Array) => void): void {
    const cursor = this.#finder.at(0)
    const stored = cursor.chunk === 0 ? null : this.#storedAt(cursor.chunk)
    const changed = changedStanding(stored, { layouts: this.#layouts, now, change })
    if (changed === 'remove') this.#remove(cursor)
    if (changed === 'remove' || changed === 'nothing') return
    cursor.layout = changed.layout
    cursor.base = 0
    this.#reserve(changed.layout.workingSize)
    this.state.set(changed.state)
    this.save(cursor, now)
  }

  forget(_request: BudgetKey): void {
    const cursor = this.#finder.at(0)
    if (cursor.found) this.#remove(cursor)
  }

  #remove(cursor: SharedCursor): void {
    this.#memory.records.remove(cursor.position, cursor.chunk)
    this.#memory.remove(KEYS)
    cursor.found = false
  }

  #reserve(size: number): void {
    if (size <= this.state.length) return
    const larger = new Float64Array(size * 2)
    larger.set(this.state)
    this.state = larger
  }

  /** Loads a record of another layout. */
  #adopt(cursor: SharedCursor, now: number): void {
    const target = { layout: cursor.ownLayout, budget: cursor.budget, layouts: this.#layouts, now }
    const adopted = adopt(this.#storedAt(cursor.chunk), target)
    cursor.layout = adopted.layout
    cursor.mustSave = adopted.mustSave
    cursor.fullUntil = adopted.fullUntil
    const { standingAt } = adopted.layout
    if (standingAt >= 0) cursor.standing = cursor.base + standingAt
    this.#reserve(cursor.base + adopted.layout.workingSize)
    this.state.set(adopted.state, cursor.base)
  }

  #storedAt(chunk: number): LaidOut<SharedLayout> {
    const layout = this.#layoutRecords.of(chunk)
    const state = new Float64Array(layout.workingSize)
    unpack(layout, this.#memory.records.readAll(chunk), state, 0)
    this.#memory.ownership.check()
    return { layout, state }
  }

  /** Counts a new key; false where it has to share an overflow record. A standing takes none, which would hold it against others. */
  #addKey({ standingAt }: SharedLayout): boolean {
    const memory = this.#memory
    if (standingAt >= 0) {
      // What is left is for decisions.
      if (memory.isNearlyFull) throw FULL
      return memory.add(KEYS, Number.POSITIVE_INFINITY)
    }
    if (!memory.isNearlyFull && memory.add(KEYS, memory.map.maxKeys)) return true
    if (this.#finder.isCrowded && this.#hasSwept) return false
    this.#hasSwept = true
    this.#finder.isCrowded = true
    return memory.need(() => sweep(memory, SWEEP_BUCKETS))
  }

  #saveOverflow(cursor: SharedCursor, end: number, now: number): void {
    const { records, ownership, map } = this.#memory
    const low = overflowLow(cursor.low)
    const high = overflowHigh(cursor.seed)
    const position = ownership.positionOf(records.bucketOf(low))
    const { layout } = cursor
    const chunk = this.#write(position, records.find(position, low, high), cursor)
    records.sign(chunk, low, high, layout.low, layout.high | OVERFLOW_BIT, end, now | 0)
    this.#memory.add(OVERFLOWED, Number.POSITIVE_INFINITY)
    raise(map.ints, OVERFLOW_UNTIL, end)
  }

  /** The first chunk of the record of a key, which an earlier request of the same decision may have replaced. */
  #recordOf({ position, chunk, low, high }: SharedCursor): number {
    return this.#finder.count === 1 ? chunk : this.#memory.records.find(position, low, high)
  }

  #write(position: number, old: number, { layout, base, onlyRule, ownLayout }: SharedCursor): number {
    const { records } = this.#memory
    if (onlyRule !== null && layout === ownLayout) {
      return records.write(position, old, this.state, base, sizeInUse(onlyRule, this.state, base))
    }
    if (packedMax(layout) > this.#packed.length) this.#packed = new Float64Array(2 * packedMax(layout))
    const count = pack(layout, this.state, base, this.#packed)
    return records.write(position, old, this.#packed, 0, count)
  }
}

/** Raises an unsigned number to at least `value`. */
function raise(ints: Int32Array, index: number, value: number): void {
  for (let found = Atomics.load(ints, index); found >>> 0 < value; ) {
    const before = Atomics.compareExchange(ints, index, found, value | 0)
    if (before === found) return
    found = before
  }
}
