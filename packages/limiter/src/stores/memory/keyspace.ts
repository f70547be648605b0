import type { Budget } from '../../core/budget.ts'
import type { Ask } from '../../core/store.ts'
import { adopt } from './adopt.ts'
import { box, unpack } from './layout.ts'
import { Layouts, type Scope } from './layouts.ts'
import type { Place } from './place.ts'
import { fingerprint, hash, type Seed } from './siphash.ts'
import { Sweeper } from './sweeper.ts'
import { HEAD, type Table } from './table.ts'

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
  readonly #places: Place[] = []
  readonly #sweeper: Sweeper
  readonly #keep = (table: Table, slot: number, now: number): boolean =>
    !this.#sweeper.recovered(table, slot, now)

  constructor(maxKeys: number, seed: Seed) {
    this.#maxKeys = maxKeys
    this.#layouts = new Layouts(seed)
    this.#sweeper = new Sweeper(this.#layouts)
  }

  /** Reads the state of the ask of this number within its decision; `base` is where its working copy begins. */
  load(number: number, ask: Omit<Ask, 'cost'>, base: number, now: number): Place {
    let place = this.#places[number]
    if (place === undefined || place.budget !== ask.budget) place = this.#aim(number, ask.budget)
    const { key } = ask
    // Texts that differ mostly differ at the end or in length; only then is a comparison worth its price. The key
    // seen last is known already: the hottest key costs least.
    const same =
      key.charCodeAt(key.length - 1) === place.tail && key.length === place.key.length && key === place.key
    if (!same) this.#identify(place, key)
    if (!place.found || place.table.version !== place.version) this.#locate(place, place.scope)
    place.base = base
    place.ahead = false
    const { width } = place
    const { cells, heads, stride } = place.table
    const at = place.slot * stride
    if (place.found && heads[at * 2 + 2] === place.plainId && base + width <= this.state.length) {
      if (!place.plain) {
        place.plain = true
        place.layout = place.home
      }
      for (let i = 0; i < width; i++) this.state[base + i] = cells[at + HEAD + i] as number
    } else this.#readOther(place, now)
    return place
  }

  /** Writes the working copy back. */
  save(place: Place, now: number): void {
    const { table } = place
    if (place.plain && table.version === place.version) {
      const at = place.slot * table.stride + HEAD
      for (let i = 0; i < place.width; i++) table.cells[at + i] = this.state[place.base + i] as number
    } else this.#saveOther(place, now)
    if (place.table.moving) this.#step(place.table, now)
  }

  #saveOther(place: Place, now: number): void {
    const { layout, table } = place
    if (place.found && table === layout.table && table.version === place.version) this.#write(place)
    else this.#move(place, now)
  }

  #step(table: Table, now: number): void {
    const dropped = table.step(now)
    if (this.#layouts.tables.get(table.width)?.table === table) this.keys -= dropped
  }

  /** Removes the record of a key. */
  forget(ask: Omit<Ask, 'cost'>, now: number): void {
    const place = this.load(0, ask, 0, now)
    if (place.found) this.#drop(place)
  }

  #drop(place: Place): void {
    place.table.remove(place.slot)
    place.found = false
    this.keys--
  }

  /** Prepares the place of an ask of another budget than the one before it. */
  #aim(number: number, budget: Budget): Place {
    // Only between decisions: within one, places hold layouts that no record has yet.
    if (number === 0 && this.#layouts.tidy()) this.#places.length = 0
    const scope = this.#layouts.scope(budget)
    const home = scope.layout
    const { width, table } = home
    const place: Place = {
      budget,
      key: '',
      tail: -1,
      scope,
      low: 0,
      high: 0,
      home,
      width,
      plainId: home.boxed ? -2 : home.id,
      layout: home,
      table,
      slot: -1,
      version: -1,
      base: 0,
      found: false,
      plain: false,
      ahead: false,
    }
    this.#places[number] = place
    return place
  }

  /** Fingerprints a key. */
  #identify(place: Place, key: string): void {
    hash(key, place.scope.space.seed)
    place.low = fingerprint.low
    place.high = fingerprint.high
    place.key = key
    place.tail = key.charCodeAt(key.length - 1)
    place.found = false
  }

  #reserve(size: number): void {
    if (size <= this.state.length) return
    const larger = new Float64Array(size * 2)
    larger.set(this.state)
    this.state = larger
  }

  /** Finds the record of a key; failing that, the overflow record whose state a newcomer inherits. */
  #locate(place: Place, { space, layout }: Scope): void {
    place.found = this.#probe(place, layout.table, place.low, place.high)
    if (place.found) return
    for (const table of space.tables) {
      place.found = table !== layout.table && this.#probe(place, table, place.low, place.high)
      if (place.found) return
    }
    for (const table of space.overflows) {
      if (this.#probe(place, table, overflowLow(place), overflowHigh(space.seed))) return
    }
    place.slot = -1
  }

  #probe(place: Place, table: Table, low: number, high: number): boolean {
    place.slot = table.find(low, high)
    place.table = table
    place.version = table.version
    return place.slot >= 0
  }

  /** Reads what is not simply a record of this layout: nothing, a shared record, a box, or another layout. */
  #readOther(place: Place, now: number): void {
    const layout = place.home
    place.layout = layout
    place.plain = false
    place.ahead = false
    this.#reserve(place.base + layout.span)
    if (place.slot < 0) {
      this.state.fill(0, place.base, place.base + layout.span)
      return
    }
    const id = place.table.layoutAt(place.slot)
    const stored = this.#layouts.byId(id)
    if (id === layout.id) {
      unpack(place.table, place.slot, stored, this.state, place.base)
      return
    }
    const copy = new Float64Array(stored.span)
    unpack(place.table, place.slot, stored, copy, 0)
    const adopted = adopt(stored, copy, layout, this.#layouts, now)
    place.layout = adopted.layout
    place.ahead = adopted.ahead
    this.#reserve(place.base + adopted.layout.span)
    this.state.set(adopted.state, place.base)
  }

  #write({ table, slot, layout, base }: Place): void {
    table.heads[slot * table.stride * 2 + 2] = layout.id
    if (layout.boxed) {
      table.boxes ??= []
      table.boxes[slot] = box(layout, this.state, base)
    } else table.cells.set(this.state.subarray(base, base + layout.width), slot * table.stride + HEAD)
  }

  /** Writes where no record of this layout's width is in place yet. */
  #move(place: Place, now: number): void {
    const { low, high, layout } = place
    this.#locate(place, place.scope)
    if (place.found && place.table !== layout.table) this.#drop(place)
    const found = place.found
    if (!found && this.keys >= this.#maxKeys) this.keys -= this.#sweeper.sweep(now)
    if (found) this.#write(place)
    else if (this.keys >= this.#maxKeys) this.#shareOverflow(place, now)
    else {
      this.#put(layout.table, low, high, place, now)
      place.found = true
      this.keys++
    }
  }

  #shareOverflow(place: Place, now: number): void {
    const { scope, layout } = place
    const low = overflowLow(place)
    const high = overflowHigh(scope.space.seed)
    this.overflowed++
    for (const table of scope.space.overflows) {
      if (table !== layout.overflow && this.#probe(place, table, low, high)) table.remove(place.slot)
    }
    scope.space.overflows.add(layout.overflow)
    if (this.#probe(place, layout.overflow, low, high)) this.#write(place)
    else this.#put(layout.overflow, low, high, place, now)
  }

  #put(table: Table, low: number, high: number, place: Place, now: number): void {
    const { layout, scope } = place
    if (table.full()) {
      const dropped = table.finish(now)
      table.grow(this.#keep)
      if (table === layout.table) this.keys -= dropped
    }
    place.slot = table.insert(low, high, layout.id)
    place.table = table
    place.version = table.version
    scope.space.tables.add(layout.table)
    this.#write(place)
  }
}

/** The newcomer's share of the overflow records, chosen by its seeded hash. */
function overflowLow(place: Place): number {
  return Math.imul((place.low >>> 8) % OVERFLOW_RECORDS, 0x9e3779b1) | 0
}

function overflowHigh(seed: Seed): number {
  return seed.k0 ^ seed.k1
}
