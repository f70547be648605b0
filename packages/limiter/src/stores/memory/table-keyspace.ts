// biome-ignore-all lint/complexity/useMaxParams: a hot path; an object of arguments would be made for every decision
import type { Budget } from '../../core/budget.ts'
import { STANDING_SIZE } from '../../core/standing.ts'
import type { BudgetKey } from '../../core/store.ts'
import { adopt } from '../local/adopt.ts'
import { changedStanding } from '../local/changed-standing.ts'
import type { Keyspace } from '../local/keyspace.ts'
import { type LaidOut, sizeOfOnlyRule } from '../local/record-layout.ts'
import { fingerprint, hash, overflowHigh, overflowLow } from '../local/siphash.ts'
import { standingRule } from '../local/standing-rule.ts'
import { HEADER_SIZE, type Table } from './hash-table.ts'
import { type Layout, packBoxed, unpack } from './layout.ts'
import type { Layouts } from './layouts.ts'
import type { RecordCursor } from './record-cursor.ts'
import { Sweeper } from './sweeper.ts'

/** Records in tables of this thread, of at most `maxKeys` keys (G10). */
export class TableKeyspace implements Keyspace<RecordCursor> {
  state: Float64Array = new Float64Array(256)
  /** Keys with a record of their own. */
  keys: number
  /** Writes to shared overflow records. */
  overflowed = 0
  readonly #layouts: Layouts
  readonly #maxKeys: number
  readonly #cursors: RecordCursor[] = []
  readonly #sweeper: Sweeper
  readonly #keep = (table: Table, slot: number, now: number): boolean =>
    !this.#sweeper.isRecovered(table, slot, now)

  /** Of the records in `layouts`, which are of this many keys. */
  constructor(maxKeys: number, layouts: Layouts, keys: number) {
    this.#maxKeys = maxKeys
    this.#layouts = layouts
    this.keys = keys
    this.#sweeper = new Sweeper(this.#layouts)
  }

  load(index: number, request: BudgetKey, base: number, now: number): RecordCursor {
    const cursor = this.#find(index, request)
    cursor.base = base
    cursor.mustSave = false
    cursor.fullUntil = null
    const { width } = cursor
    const { doubles, ints, stride } = cursor.table
    const at = cursor.slot * stride
    if (cursor.found && ints[at * 2 + 2] === cursor.ownId && base + width <= this.state.length) {
      if (!cursor.inPlace) {
        cursor.inPlace = true
        cursor.layout = cursor.ownLayout
        cursor.standing = -1
      }
      const { sizeOf } = cursor
      const used = sizeOf === null ? width : sizeOf(doubles, at + HEADER_SIZE)
      for (let i = 0; i < used; i++) this.state[base + i] = doubles[at + HEADER_SIZE + i] as number
    } else this.#readSlow(cursor, now)
    return cursor
  }

  /** The cursor of a request, placed at the record of its key. */
  #find(index: number, { budget, key }: BudgetKey): RecordCursor {
    let cursor = this.#cursors[index]
    if (cursor === undefined || cursor.budget !== budget) cursor = this.#createCursor(index, budget)
    // The cursor remembers its last key, so a hot key is not hashed again. Different keys mostly differ in length or in
    // their last unit, which is cheaper to compare than the strings.
    const same =
      key.charCodeAt(key.length - 1) === cursor.lastUnit &&
      key.length === cursor.key.length &&
      key === cursor.key
    if (!same) this.#identify(cursor, key)
    if (!cursor.found || cursor.table.version !== cursor.version) this.#locate(cursor)
    return cursor
  }

  save(cursor: RecordCursor, now: number): void {
    const { table } = cursor
    if (cursor.inPlace && table.version === cursor.version) {
      const at = cursor.slot * table.stride + HEADER_SIZE
      const { sizeOf, width, base } = cursor
      const used = sizeOf === null ? width : sizeOf(this.state, base)
      for (let i = 0; i < used; i++) table.doubles[at + i] = this.state[base + i] as number
    } else this.#saveSlow(cursor, now)
    if (cursor.table.isRehashing) this.#rehashStep(cursor.table, now)
  }

  #saveSlow(cursor: RecordCursor, now: number): void {
    const { layout, table } = cursor
    if (cursor.found && table === layout.table && table.version === cursor.version) this.#write(cursor)
    else this.#relocate(cursor, now)
  }

  #rehashStep(table: Table, now: number): void {
    const dropped = table.rehashStep(now)
    if (this.#layouts.tables.get(table.width)?.table === table) this.keys -= dropped
  }

  addStanding(cursor: RecordCursor): void {
    const { layout, base } = cursor
    cursor.layout = this.#layouts.intern([...layout.rules, standingRule])
    cursor.standing = base + layout.workingSize
    cursor.inPlace = false
    this.#reserve(cursor.standing + STANDING_SIZE)
    this.state.fill(0, cursor.standing, cursor.standing + STANDING_SIZE)
  }

  changeStanding(request: BudgetKey, now: number, change: (state: Float64Array) => void): void {
    const cursor = this.#find(0, request)
    const { table, slot } = cursor
    const stored = slot < 0 ? null : this.#storedAt(table, slot)
    const changed = changedStanding(stored, { layouts: this.#layouts, now, change })
    if (changed === 'remove') this.#remove(cursor)
    if (changed === 'remove' || changed === 'nothing') return
    cursor.layout = changed.layout
    cursor.base = 0
    cursor.inPlace = false
    this.#reserve(changed.layout.workingSize)
    this.state.set(changed.state)
    this.#relocate(cursor, now)
  }

  #storedAt(table: Table, slot: number): LaidOut<Layout> {
    const layout = this.#layouts.byId(table.layoutAt(slot))
    const state = new Float64Array(layout.workingSize)
    unpack(table, slot, layout, state, 0)
    return { layout, state }
  }

  forget(request: BudgetKey): void {
    const cursor = this.#find(0, request)
    if (cursor.found) this.#remove(cursor)
  }

  #remove(cursor: RecordCursor): void {
    cursor.table.remove(cursor.slot)
    cursor.found = false
    this.keys--
  }

  /** Creates the cursor of an index when its budget has changed. */
  #createCursor(index: number, budget: Budget): RecordCursor {
    // Only at the start of a decision: later, cursors may hold layouts that no record has yet.
    if (index === 0 && this.#layouts.purgeIfMany()) this.#cursors.length = 0
    const { policy, layout: ownLayout } = this.#layouts.of(budget)
    const { width, table } = ownLayout
    const cursor: RecordCursor = {
      budget,
      key: '',
      lastUnit: -1,
      policy,
      low: 0,
      high: 0,
      ownLayout,
      width,
      sizeOf: sizeOfOnlyRule(ownLayout),
      ownId: ownLayout.boxed ? -2 : ownLayout.id,
      layout: ownLayout,
      table,
      slot: -1,
      version: -1,
      base: 0,
      standing: -1,
      found: false,
      inPlace: false,
      together: false,
      spends: false,
      mustSave: false,
      fullUntil: null,
    }
    this.#cursors[index] = cursor
    return cursor
  }

  /** Sets the key of a cursor and its fingerprint. */
  #identify(cursor: RecordCursor, key: string): void {
    hash(key, cursor.policy.seed)
    cursor.low = fingerprint.low
    cursor.high = fingerprint.high
    cursor.key = key
    cursor.lastUnit = key.charCodeAt(key.length - 1)
    cursor.found = false
  }

  #reserve(size: number): void {
    if (size <= this.state.length) return
    const larger = new Float64Array(size * 2)
    larger.set(this.state)
    this.state = larger
  }

  /** Finds the record of a key; failing that, the overflow record whose state a new key inherits. */
  #locate(cursor: RecordCursor): void {
    const { policy, ownLayout } = cursor
    cursor.found = this.#probe(cursor, ownLayout.table, cursor.low, cursor.high)
    if (cursor.found) return
    for (const table of policy.tables) {
      cursor.found = table !== ownLayout.table && this.#probe(cursor, table, cursor.low, cursor.high)
      if (cursor.found) return
    }
    for (const table of policy.overflows) {
      if (this.#probe(cursor, table, overflowLow(cursor.low), overflowHigh(policy.seed))) return
    }
    cursor.slot = -1
  }

  #probe(cursor: RecordCursor, table: Table, low: number, high: number): boolean {
    cursor.slot = table.find(low, high)
    cursor.table = table
    cursor.version = table.version
    return cursor.slot >= 0
  }

  /** Reads anything but a record of the own layout in the table: nothing, a shared or boxed record, another layout. */
  #readSlow(cursor: RecordCursor, now: number): void {
    const layout = cursor.ownLayout
    cursor.layout = layout
    cursor.inPlace = false
    cursor.standing = -1
    cursor.mustSave = false
    this.#reserve(cursor.base + layout.workingSize)
    if (cursor.slot < 0) {
      this.state.fill(0, cursor.base, cursor.base + layout.workingSize)
      return
    }
    if (cursor.table.layoutAt(cursor.slot) === layout.id) {
      unpack(cursor.table, cursor.slot, layout, this.state, cursor.base)
      return
    }
    const target = { layout, budget: cursor.budget, layouts: this.#layouts, now }
    const adopted = adopt(this.#storedAt(cursor.table, cursor.slot), target)
    cursor.layout = adopted.layout
    cursor.mustSave = adopted.mustSave
    cursor.fullUntil = adopted.fullUntil
    const { standingAt } = adopted.layout
    if (standingAt >= 0) cursor.standing = cursor.base + standingAt
    this.#reserve(cursor.base + adopted.layout.workingSize)
    this.state.set(adopted.state, cursor.base)
  }

  #write({ table, slot, layout, base }: RecordCursor): void {
    table.ints[slot * table.stride * 2 + 2] = layout.id
    if (layout.boxed) {
      table.boxes ??= []
      table.boxes[slot] = packBoxed(layout, this.state, base)
    } else
      table.doubles.set(this.state.subarray(base, base + layout.width), slot * table.stride + HEADER_SIZE)
  }

  /** Writes a record that is new, or whose slot or table has changed. */
  #relocate(cursor: RecordCursor, now: number): void {
    const { low, high, layout } = cursor
    this.#locate(cursor)
    if (cursor.found && cursor.table !== layout.table) this.#remove(cursor)
    const found = cursor.found
    if (!found && this.keys >= this.#maxKeys) this.keys -= this.#sweeper.sweep(now)
    if (found) this.#write(cursor)
    // A standing takes no overflow record, which would hold it against others.
    else if (this.keys >= this.#maxKeys && layout.standingAt < 0) this.#writeOverflow(cursor, now)
    else {
      this.#insert(layout.table, low, high, cursor, now)
      cursor.found = true
      this.keys++
    }
  }

  #writeOverflow(cursor: RecordCursor, now: number): void {
    const { policy, layout } = cursor
    const low = overflowLow(cursor.low)
    const high = overflowHigh(policy.seed)
    this.overflowed++
    for (const table of policy.overflows) {
      if (table !== layout.overflow && this.#probe(cursor, table, low, high)) table.remove(cursor.slot)
    }
    policy.overflows.add(layout.overflow)
    if (this.#probe(cursor, layout.overflow, low, high)) this.#write(cursor)
    else this.#insert(layout.overflow, low, high, cursor, now)
  }

  #insert(table: Table, low: number, high: number, cursor: RecordCursor, now: number): void {
    const { layout, policy } = cursor
    if (table.isFull()) {
      const dropped = table.finishRehash(now)
      table.grow(this.#keep)
      if (table === layout.table) this.keys -= dropped
    }
    cursor.slot = table.insert(low, high, layout.id)
    cursor.table = table
    cursor.version = table.version
    policy.tables.add(layout.table)
    this.#write(cursor)
  }
}
