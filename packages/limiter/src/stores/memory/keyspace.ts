import type { Budget } from '../../core/budget.ts'
import type { BudgetKey } from '../../core/store.ts'
import { adopt } from './adopt.ts'
import { HEAD, type Table } from './hash-table.ts'
import { box, type Layout, unpack } from './layout.ts'
import { Layouts, type Scope } from './layouts.ts'
import type { RecordCursor } from './record-cursor.ts'
import { fingerprint, hash, type Seed } from './siphash.ts'
import { Sweeper } from './sweeper.ts'

/** Overflow records a policy's newcomers share. */
const OVERFLOW_RECORDS = 1024

/** Records by key: reads them into working copies, and writes those back. Bounded by `maxKeys` (G10). */
export class Keyspace {
  /** Working copies of one decision. */
  state: Float64Array = new Float64Array(256)
  /** Keys with a record of their own. */
  keys = 0
  /** Writes that went to a shared overflow record. */
  overflowed = 0
  readonly #layouts: Layouts
  readonly #maxKeys: number
  readonly #cursors: RecordCursor[] = []
  readonly #sweeper: Sweeper
  readonly #keep = (table: Table, slot: number, now: number): boolean =>
    !this.#sweeper.recovered(table, slot, now)

  constructor(maxKeys: number, seed: Seed) {
    this.#maxKeys = maxKeys
    this.#layouts = new Layouts(seed)
    this.#sweeper = new Sweeper(this.#layouts)
  }

  /** Reads the state of the request of this number within its decision; `base` is where its working copy begins. */
  load(number: number, request: BudgetKey, base: number, now: number): RecordCursor {
    let cursor = this.#cursors[number]
    if (cursor === undefined || cursor.budget !== request.budget) cursor = this.#aim(number, request.budget)
    const { key } = request
    // Texts that differ mostly differ at the end or in length; only then is a comparison worth its price. The key
    // seen last is known already: the hottest key costs least.
    const same =
      key.charCodeAt(key.length - 1) === cursor.lastUnit &&
      key.length === cursor.key.length &&
      key === cursor.key
    if (!same) this.#identify(cursor, key)
    if (!cursor.found || cursor.table.version !== cursor.version) this.#locate(cursor, cursor.scope)
    cursor.base = base
    cursor.mustSave = false
    cursor.full = null
    const { width } = cursor
    const { cells, heads, stride } = cursor.table
    const at = cursor.slot * stride
    if (cursor.found && heads[at * 2 + 2] === cursor.ownId && base + width <= this.state.length) {
      if (!cursor.inPlace) {
        cursor.inPlace = true
        cursor.layout = cursor.ownLayout
      }
      const { sizeOf } = cursor
      const used = sizeOf === null ? width : sizeOf(cells, at + HEAD)
      for (let i = 0; i < used; i++) this.state[base + i] = cells[at + HEAD + i] as number
    } else this.#readOther(cursor, now)
    return cursor
  }

  /** Writes the working copy back. */
  save(cursor: RecordCursor, now: number): void {
    const { table } = cursor
    if (cursor.inPlace && table.version === cursor.version) {
      const at = cursor.slot * table.stride + HEAD
      const { sizeOf, width, base } = cursor
      const used = sizeOf === null ? width : sizeOf(this.state, base)
      for (let i = 0; i < used; i++) table.cells[at + i] = this.state[base + i] as number
    } else this.#saveOther(cursor, now)
    if (cursor.table.moving) this.#step(cursor.table, now)
  }

  #saveOther(cursor: RecordCursor, now: number): void {
    const { layout, table } = cursor
    if (cursor.found && table === layout.table && table.version === cursor.version) this.#write(cursor)
    else this.#move(cursor, now)
  }

  #step(table: Table, now: number): void {
    const dropped = table.step(now)
    if (this.#layouts.tables.get(table.width)?.table === table) this.keys -= dropped
  }

  /** Removes the record of a key. */
  forget(request: BudgetKey, now: number): void {
    const cursor = this.load(0, request, 0, now)
    if (cursor.found) this.#drop(cursor)
  }

  #drop(cursor: RecordCursor): void {
    cursor.table.remove(cursor.slot)
    cursor.found = false
    this.keys--
  }

  /** Prepares the cursor of an request of another budget than the one before it. */
  #aim(number: number, budget: Budget): RecordCursor {
    // Only between decisions: within one, cursors hold layouts that no record has yet.
    if (number === 0 && this.#layouts.tidy()) this.#cursors.length = 0
    const scope = this.#layouts.scope(budget)
    const ownLayout = scope.layout
    const { width, table } = ownLayout
    const cursor: RecordCursor = {
      budget,
      key: '',
      lastUnit: -1,
      scope,
      low: 0,
      high: 0,
      ownLayout,
      width,
      sizeOf: sizeOfOnly(ownLayout),
      ownId: ownLayout.boxed ? -2 : ownLayout.id,
      layout: ownLayout,
      table,
      slot: -1,
      version: -1,
      base: 0,
      found: false,
      inPlace: false,
      mustSave: false,
      full: null,
    }
    this.#cursors[number] = cursor
    return cursor
  }

  /** Fingerprints a key. */
  #identify(cursor: RecordCursor, key: string): void {
    hash(key, cursor.scope.space.seed)
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

  /** Finds the record of a key; failing that, the overflow record whose state a newcomer inherits. */
  #locate(cursor: RecordCursor, { space, layout }: Scope): void {
    cursor.found = this.#probe(cursor, layout.table, cursor.low, cursor.high)
    if (cursor.found) return
    for (const table of space.tables) {
      cursor.found = table !== layout.table && this.#probe(cursor, table, cursor.low, cursor.high)
      if (cursor.found) return
    }
    for (const table of space.overflows) {
      if (this.#probe(cursor, table, overflowLow(cursor), overflowHigh(space.seed))) return
    }
    cursor.slot = -1
  }

  #probe(cursor: RecordCursor, table: Table, low: number, high: number): boolean {
    cursor.slot = table.find(low, high)
    cursor.table = table
    cursor.version = table.version
    return cursor.slot >= 0
  }

  /** Reads what is not simply a record of this layout: nothing, a shared record, a box, or another layout. */
  #readOther(cursor: RecordCursor, now: number): void {
    const layout = cursor.ownLayout
    cursor.layout = layout
    cursor.inPlace = false
    cursor.mustSave = false
    this.#reserve(cursor.base + layout.span)
    if (cursor.slot < 0) {
      this.state.fill(0, cursor.base, cursor.base + layout.span)
      return
    }
    const id = cursor.table.layoutAt(cursor.slot)
    const stored = this.#layouts.byId(id)
    if (id === layout.id) {
      unpack(cursor.table, cursor.slot, stored, this.state, cursor.base)
      return
    }
    const copy = new Float64Array(stored.span)
    unpack(cursor.table, cursor.slot, stored, copy, 0)
    const adopted = adopt(stored, copy, { layout, budget: cursor.budget, layouts: this.#layouts }, now)
    cursor.layout = adopted.layout
    cursor.mustSave = adopted.mustSave
    cursor.full = adopted.full
    this.#reserve(cursor.base + adopted.layout.span)
    this.state.set(adopted.state, cursor.base)
  }

  #write({ table, slot, layout, base }: RecordCursor): void {
    table.heads[slot * table.stride * 2 + 2] = layout.id
    if (layout.boxed) {
      table.boxes ??= []
      table.boxes[slot] = box(layout, this.state, base)
    } else table.cells.set(this.state.subarray(base, base + layout.width), slot * table.stride + HEAD)
  }

  /** Writes where no record of this layout's width is in cursor yet. */
  #move(cursor: RecordCursor, now: number): void {
    const { low, high, layout } = cursor
    this.#locate(cursor, cursor.scope)
    if (cursor.found && cursor.table !== layout.table) this.#drop(cursor)
    const found = cursor.found
    if (!found && this.keys >= this.#maxKeys) this.keys -= this.#sweeper.sweep(now)
    if (found) this.#write(cursor)
    else if (this.keys >= this.#maxKeys) this.#shareOverflow(cursor, now)
    else {
      this.#put(layout.table, low, high, cursor, now)
      cursor.found = true
      this.keys++
    }
  }

  #shareOverflow(cursor: RecordCursor, now: number): void {
    const { scope, layout } = cursor
    const low = overflowLow(cursor)
    const high = overflowHigh(scope.space.seed)
    this.overflowed++
    for (const table of scope.space.overflows) {
      if (table !== layout.overflow && this.#probe(cursor, table, low, high)) table.remove(cursor.slot)
    }
    scope.space.overflows.add(layout.overflow)
    if (this.#probe(cursor, layout.overflow, low, high)) this.#write(cursor)
    else this.#put(layout.overflow, low, high, cursor, now)
  }

  #put(table: Table, low: number, high: number, cursor: RecordCursor, now: number): void {
    const { layout, scope } = cursor
    if (table.full()) {
      const dropped = table.finish(now)
      table.grow(this.#keep)
      if (table === layout.table) this.keys -= dropped
    }
    cursor.slot = table.insert(low, high, layout.id)
    cursor.table = table
    cursor.version = table.version
    scope.space.tables.add(layout.table)
    this.#write(cursor)
  }
}

/** The newcomer's share of the overflow records, chosen by its seeded hash. */
function overflowLow(cursor: RecordCursor): number {
  return Math.imul((cursor.low >>> 8) % OVERFLOW_RECORDS, 0x9e3779b1) | 0
}

function overflowHigh(seed: Seed): number {
  return seed.k0 ^ seed.k1
}

/** What a lone rule uses of a record; null where the whole of it is. */
function sizeOfOnly({ rules, boxed }: Layout): RecordCursor['sizeOf'] {
  return (!boxed && rules.length === 1 && rules[0]?.algorithm.variable?.sizeOf) || null
}
