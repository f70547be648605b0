// biome-ignore-all lint/complexity/useMaxParams: a hot path; an object of arguments would be made for every decision
import type { Budget } from '../../core/budget.ts'
import type { Rule } from '../../core/rule.ts'
import { advanceStanding, STANDING_SIZE, standingEndsAt } from '../../core/standing.ts'
import type { BudgetKey } from '../../core/store.ts'
import { adopt } from '../local/adopt.ts'
import type { Keyspace } from '../local/keyspace.ts'
import { fingerprint, hash, overflowHigh, overflowLow } from '../local/siphash.ts'
import { standingRule } from '../local/standing-rule.ts'
import { FULL } from './chunk-pool.ts'
import { LayoutRecords } from './layout-records.ts'
import { KEYS, OVERFLOW_UNTIL, OVERFLOWED } from './memory-map.ts'
import { RESTART } from './ownership.ts'
import { endOf, pack, packedMax, sizeInUse, unpack } from './packed-state.ts'
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
  readonly #cursors: SharedCursor[] = []
  #packed: Float64Array = new Float64Array(256)
  /** How many requests the transaction is about. */
  #count = 0
  /** Whether it owns the buckets of overflow records as well, because the store was found full. */
  #isCrowded = false
  /** Whether this decision has looked for records that have ended. */
  #hasSwept = false

  constructor(memory: ThreadMemory) {
    this.#memory = memory
    this.#layouts = new SharedLayouts(memory.map.seed)
    this.#layoutRecords = new LayoutRecords(memory, this.#layouts)
  }

  /** For what has nothing to do with the decisions before: the store may have room again. */
  beginDecision(): void {
    this.#isCrowded = false
    this.#hasSwept = false
    if (this.#layouts.forgetIfMany()) this.#cursors.length = 0
  }

  /** Owns all that requests are about; returns the time by which they are decided. */
  open(requests: readonly BudgetKey[]): number {
    const { ownership, records, time } = this.#memory
    this.#count = requests.length
    const isCrowded = this.#hasOverflow()
    for (let i = 0; i < requests.length; i++) this.#identify(i, requests[i] as BudgetKey)
    if (requests.length === 1 && !isCrowded)
      ownership.own(records.bucketOf((this.#cursors[0] as SharedCursor).low))
    else this.#ownAll(isCrowded)
    let now = time.now()
    for (let i = 0; i < requests.length; i++) now = this.#locate(this.#cursors[i] as SharedCursor, now)
    return now
  }

  load(index: number, _request: BudgetKey, base: number, now: number): SharedCursor {
    const cursor = this.#cursors[index] as SharedCursor
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
    const cursor = this.#cursors[0] as SharedCursor
    const { chunk } = cursor
    const stored = chunk === 0 ? null : this.#layoutRecords.of(chunk)
    const copy = new Float64Array(stored?.workingSize ?? 0)
    if (stored !== null) unpack(stored, this.#memory.records.readAll(chunk), copy, 0)
    this.#memory.ownership.check()
    const at = stored?.standingAt ?? -1
    const standing = at < 0 ? new Float64Array(STANDING_SIZE) : copy.subarray(at)
    advanceStanding(standing, 0, now)
    change(standing)
    const rules = stored?.rules.filter((rule) => rule !== standingRule) ?? []
    const stands = standingEndsAt(standing, 0) > now
    if (!stands && (at < 0 || rules.length === 0)) {
      if (at >= 0) this.#remove(cursor)
      return
    }
    cursor.layout = this.#layouts.intern(stands ? [...rules, standingRule] : rules)
    cursor.base = 0
    const { workingSize, standingAt } = cursor.layout
    this.#reserve(workingSize)
    this.state.set(copy.subarray(0, workingSize))
    if (stands) this.state.set(standing, standingAt)
    this.save(cursor, now)
  }

  forget(_request: BudgetKey): void {
    const cursor = this.#cursors[0] as SharedCursor
    if (cursor.found) this.#remove(cursor)
  }

  #remove(cursor: SharedCursor): void {
    this.#memory.records.remove(cursor.position, cursor.chunk)
    this.#memory.remove(KEYS)
    cursor.found = false
  }

  /** Sets key and fingerprint of a cursor. */
  #identify(index: number, { budget, key }: BudgetKey): void {
    let cursor = this.#cursors[index]
    if (cursor === undefined || cursor.budget !== budget) cursor = this.#createCursor(index, budget)
    // A hot key is not hashed again.
    if (cursor.key === key) return
    hash(key, cursor.seed)
    cursor.low = fingerprint.low
    cursor.high = fingerprint.high
    cursor.key = key
  }

  #createCursor(index: number, budget: Budget): SharedCursor {
    const { seed, layout } = this.#layouts.of(budget)
    hash('', seed)
    const cursor: SharedCursor = {
      budget,
      seed,
      key: '',
      low: fingerprint.low,
      high: fingerprint.high,
      ownLayout: layout,
      onlyRule: layout.rules.length === 1 ? (layout.rules[0] as Rule) : null,
      layout,
      position: 0,
      chunk: 0,
      base: 0,
      standing: -1,
      found: false,
      together: false,
      spends: false,
      mustSave: false,
      fullUntil: null,
    }
    this.#cursors[index] = cursor
    return cursor
  }

  /** Whether some overflow record may hold something that a new key inherits. */
  #hasOverflow(): boolean {
    if (this.#isCrowded) return true
    const until = (this.#memory.map.ints[OVERFLOW_UNTIL] as number) >>> 0
    this.#isCrowded = until !== 0 && until * 1_000_000 >= this.#memory.time.now()
    return this.#isCrowded
  }

  /** In the order of buckets, so that threads which want the same ones do not hold up each other. */
  #ownAll(isCrowded: boolean): void {
    const { ownership, records } = this.#memory
    const buckets: number[] = []
    for (let i = 0; i < this.#count; i++) {
      const { low } = this.#cursors[i] as SharedCursor
      buckets.push(records.bucketOf(low))
      if (isCrowded) buckets.push(records.bucketOf(overflowLow(low)))
    }
    for (const bucket of buckets.sort((a, b) => a - b)) ownership.own(bucket)
  }

  /** Finds the record of a key, or failing that the overflow record whose state a new key inherits; returns the time, not before it. */
  #locate(cursor: SharedCursor, now: number): number {
    const { ownership, records, time } = this.#memory
    const { low, high, seed } = cursor
    cursor.position = ownership.positionOf(records.bucketOf(low))
    cursor.chunk = records.find(cursor.position, low, high)
    cursor.found = cursor.chunk !== 0
    if (!cursor.found && this.#isCrowded) {
      const position = ownership.positionOf(records.bucketOf(overflowLow(low)))
      cursor.chunk = records.find(position, overflowLow(low), overflowHigh(seed))
    }
    // There is an overflow record since this transaction began, which this key may have spent in.
    if (!cursor.found && !this.#isCrowded && this.#hasOverflow()) throw RESTART
    if (cursor.chunk === 0) return now
    // Another thread may have read its clock a little later than this one.
    if (aheadOf(now, records.writtenAt(cursor.chunk)) <= 0) return now
    const fresh = Math.max(now, time.fresh())
    const ahead = aheadOf(fresh, records.writtenAt(cursor.chunk))
    return ahead > 0 && ahead < time.aheadMaxUs ? fresh + ahead : fresh
  }

  #reserve(size: number): void {
    if (size <= this.state.length) return
    const larger = new Float64Array(size * 2)
    larger.set(this.state)
    this.state = larger
  }

  /** Loads a record of another layout. */
  #adopt(cursor: SharedCursor, now: number): void {
    const stored = this.#layoutRecords.of(cursor.chunk)
    const copy = new Float64Array(stored.workingSize)
    unpack(stored, this.#memory.records.readAll(cursor.chunk), copy, 0)
    this.#memory.ownership.check()
    const target = { layout: cursor.ownLayout, budget: cursor.budget, layouts: this.#layouts, now }
    const adopted = adopt(stored, copy, target)
    cursor.layout = adopted.layout
    cursor.mustSave = adopted.mustSave
    cursor.fullUntil = adopted.fullUntil
    const { standingAt } = adopted.layout
    if (standingAt >= 0) cursor.standing = cursor.base + standingAt
    this.#reserve(cursor.base + adopted.layout.workingSize)
    this.state.set(adopted.state, cursor.base)
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
    if (this.#isCrowded && this.#hasSwept) return false
    this.#hasSwept = true
    this.#isCrowded = true
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
    return this.#count === 1 ? chunk : this.#memory.records.find(position, low, high)
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

/** By how many microseconds a record was written later than now; as far as 32 bits tell. */
function aheadOf(now: number, written: number): number {
  return (written - (now | 0)) | 0
}

/** Raises an unsigned number to at least `value`. */
function raise(ints: Int32Array, index: number, value: number): void {
  for (let found = Atomics.load(ints, index); found >>> 0 < value; ) {
    const before = Atomics.compareExchange(ints, index, found, value | 0)
    if (before === found) return
    found = before
  }
}
