import type { Budget } from '../../core/budget.ts'
import type { Ask } from '../../core/store.ts'
import { adopt } from './adopt.ts'
import { box, type Layout, unbox } from './layout.ts'
import { Layouts, type Scope } from './layouts.ts'
import { fingerprint, hash, type Seed } from './siphash.ts'
import { HEAD, type Segment, type Table } from './table.ts'

/** Where the state of one ask was found and where its working copy lies. */
export interface Place {
  readonly budget: Budget
  key: string
  /** Last unit of the key. */
  tail: number
  readonly scope: Scope
  /** Layout of the working copy: the budget's, or one with other configurations' rules behind them. */
  layout: Layout
  low: number
  high: number
  table: Table
  segment: Segment
  slot: number
  version: number
  /** Begin of the working copy in {@link Keyspace.state}. */
  base: number
  /** Whether the key itself has a record; false too when it shares an overflow record. */
  found: boolean
  /** Whether the stored state lay in the future. */
  ahead: boolean
}

/** Overflow records a policy's newcomers share. */
const OVERFLOW_RECORDS = 1024
/** Slots looked at for a recovered record when a newcomer meets a full store. */
const SWEEP_SLOTS = 16

/** Records by key: reads them into working copies, and writes those back. Bounded by `maxKeys` (G10). */
export class Keyspace {
  /** Working copies of one decision. */
  state: Float64Array = new Float64Array(256)
  /** Keys with a record of their own. */
  keys = 0
  /** Decisions answered from a shared overflow record. */
  overflowed = 0
  readonly #layouts: Layouts
  readonly #maxKeys: number
  readonly #places: Place[] = []
  #scratch: Float64Array = new Float64Array(256)
  #sweepTable = 0
  #sweepSegment = 0
  #sweepSlot = 0

  constructor(maxKeys: number, seed: Seed) {
    this.#maxKeys = maxKeys
    this.#layouts = new Layouts(seed, maxKeys > 65_536 ? 32 : 1)
  }

  /** Reads the state of the ask of this number within its decision; `base` is where its working copy begins. */
  load(number: number, ask: Omit<Ask, 'cost'>, base: number, now: number): Place {
    let place = this.#places[number]
    if (place === undefined || place.budget !== ask.budget || !place.scope.layout.live) {
      place = this.#aim(number, ask.budget)
    }
    const { key } = ask
    // Texts that differ mostly differ at the end or in length; only then is a comparison worth its price. The key
    // seen last is known already: the hottest key costs least.
    const same = key.charCodeAt(key.length - 1) === place.tail && key.length === place.key.length && key === place.key
    if (!same) this.#identify(place, key)
    if (!place.found || place.segment.version !== place.version) this.#locate(place, place.scope)
    place.base = base
    const { layout } = place.scope
    const { cells, heads } = place.segment
    const at = place.slot * layout.table.stride
    if (place.found && !layout.boxed && base + layout.span <= this.state.length && heads[at * 2 + 2] === layout.id) {
      if (place.layout !== layout) place.layout = layout
      place.ahead = false
      for (let i = 0; i < layout.width; i++) this.state[base + i] = cells[at + HEAD + i] as number
    } else this.#readOther(place, layout, now)
    return place
  }

  /** Writes the working copy back. */
  save(place: Place, now: number): void {
    const { layout, segment } = place
    const at = place.slot * layout.table.stride
    const current = place.found && place.table === layout.table && segment.version === place.version
    if (current && !layout.boxed && segment.heads[at * 2 + 2] === layout.id) {
      for (let i = 0; i < layout.width; i++) segment.cells[at + HEAD + i] = this.state[place.base + i] as number
    } else if (current) this.#write(segment, place.slot, place, layout)
    else this.#move(place, layout, now)
  }

  /** Removes the record of a key. */
  forget(ask: Omit<Ask, 'cost'>, now: number): void {
    const place = this.load(0, ask, 0, now)
    if (!place.found) return
    place.table.remove(place.segment, place.slot)
    this.keys--
  }

  /** Prepares the place of an ask of another budget than the one before it. */
  #aim(number: number, budget: Budget): Place {
    if (number === 0) this.#layouts.tidy()
    const scope = this.#layouts.scope(budget)
    const { layout } = scope
    const { table } = layout
    const fresh = { budget, key: '', tail: -1, scope, layout, low: 0, high: 0, table, segment: table.segment(0) }
    const place: Place = { ...fresh, slot: -1, version: -1, base: 0, found: false, ahead: false }
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
    const segment = table.segment(high)
    place.slot = table.find(segment, low, high)
    place.table = table
    place.segment = segment
    place.version = segment.version
    return place.slot >= 0
  }

  /** Reads what is not simply a record of this layout: nothing, a shared record, a box, or another layout. */
  #readOther(place: Place, layout: Layout, now: number): void {
    place.layout = layout
    place.ahead = false
    this.#reserve(place.base + layout.span)
    if (place.slot < 0) return void this.state.fill(0, place.base, place.base + layout.span)
    const id = place.segment.heads[place.slot * place.table.stride * 2 + 2] as number
    const stored = this.#layouts.byId(id)
    if (id === layout.id) return this.#unpack(place, stored, this.state, place.base)
    const copy = new Float64Array(stored.span)
    this.#unpack(place, stored, copy, 0)
    const adopted = adopt(stored, copy, layout, this.#layouts, now)
    place.layout = adopted.layout
    place.ahead = adopted.ahead
    this.#reserve(place.base + adopted.layout.span)
    this.state.set(adopted.state, place.base)
  }

  #unpack(place: Place, layout: Layout, into: Float64Array, base: number): void {
    const { cells, boxes } = place.segment
    const { stride } = place.table
    const at = place.slot * stride + 2
    if (layout.boxed) return unbox(layout, boxes?.[place.slot] as Float64Array, into, base)
    into.set(cells.subarray(at, at + layout.width), base)
  }

  #write(segment: Segment, slot: number, place: Place, layout: Layout): void {
    const { stride } = layout.table
    segment.heads[slot * stride * 2 + 2] = layout.id
    if (layout.boxed) {
      segment.boxes ??= []
      segment.boxes[slot] = box(layout, this.state, place.base)
    } else {
      segment.cells.set(this.state.subarray(place.base, place.base + layout.width), slot * stride + 2)
    }
  }

  /** Writes where no record of this layout's width is in place yet. */
  #move(place: Place, layout: Layout, now: number): void {
    const { low, high } = place
    this.#locate(place, place.scope)
    if (place.found && place.table !== layout.table) {
      place.table.remove(place.segment, place.slot)
      this.keys--
      place.found = false
    }
    if (place.found) return this.#write(place.segment, place.slot, place, layout)
    if (this.keys >= this.#maxKeys && !this.#sweep(now)) return this.#shareOverflow(place, layout, now)
    this.#put(layout.table, low, high, place, layout, now)
    place.found = true
    this.keys++
  }

  #shareOverflow(place: Place, layout: Layout, now: number): void {
    const { space } = place.scope
    const low = overflowLow(place)
    const high = overflowHigh(space.seed)
    this.overflowed++
    for (const table of space.overflows) {
      if (table !== layout.overflow && this.#probe(place, table, low, high))
        table.remove(place.segment, place.slot)
    }
    space.overflows.add(layout.overflow)
    if (this.#probe(place, layout.overflow, low, high)) {
      return this.#write(place.segment, place.slot, place, layout)
    }
    this.#put(layout.overflow, low, high, place, layout, now)
  }

  #put(table: Table, low: number, high: number, place: Place, layout: Layout, now: number): void {
    const segment = table.segment(high)
    if (table.full(segment)) {
      const before = segment.count
      table.grow(segment, (old, slot) => !this.#recovered(table, old, slot, now))
      if (table === layout.table) this.keys -= before - segment.count
    }
    place.slot = table.insert(segment, low, high, layout.id)
    place.table = table
    place.segment = segment
    place.version = segment.version
    place.scope.space.tables.add(layout.table)
    this.#write(segment, place.slot, place, layout)
  }

  /** Looks at the next few slots for recovered records; the work is bounded, and comes round to every slot. */
  #sweep(now: number): boolean {
    const tables = [...this.#layouts.tables.values()]
    for (let looked = 0; looked < SWEEP_SLOTS; looked++) {
      const table = tables[this.#sweepTable % tables.length]?.table as Table
      const segment = table.at(this.#sweepSegment)
      if (segment === undefined || this.#sweepSlot >= segment.slots) {
        this.#nextSegment(table)
        continue
      }
      const slot = this.#sweepSlot++
      if (segment.heads[slot * table.stride * 2 + 2] === 0 || !this.#recovered(table, segment, slot, now))
        continue
      table.remove(segment, slot)
      this.keys--
      return true
    }
    return false
  }

  #nextSegment(table: Table): void {
    this.#sweepSlot = 0
    if (++this.#sweepSegment < table.size) return
    this.#sweepSegment = 0
    this.#sweepTable++
  }

  /** Whether a record equals no record: every rule in it has recovered. */
  #recovered(table: Table, segment: Segment, slot: number, now: number): boolean {
    const layout = this.#layouts.byId(segment.heads[slot * table.stride * 2 + 2] as number)
    if (layout.span > this.#scratch.length) this.#scratch = new Float64Array(layout.span)
    const scratch = this.#scratch
    if (layout.boxed) unbox(layout, segment.boxes?.[slot] as Float64Array, scratch, 0)
    else scratch.set(segment.cells.subarray(slot * table.stride + 2, (slot + 1) * table.stride))
    for (let i = 0; i < layout.rules.length; i++) {
      const { algorithm, terms } = layout.rules[i] as (typeof layout.rules)[number]
      const o = layout.offsets[i] as number
      algorithm.judge(terms, scratch, o, now, 0)
      if (algorithm.reset(terms, scratch, o, now) !== 0) return false
    }
    return true
  }
}

/** The newcomer's share of the overflow records, chosen by its seeded hash. */
function overflowLow(place: Place): number {
  return Math.imul((place.low >>> 8) % OVERFLOW_RECORDS, 0x9e3779b1) | 0
}

function overflowHigh(seed: Seed): number {
  return seed.k0 ^ seed.k1
}
