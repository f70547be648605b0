import type { Budget } from '../../core/budget.ts'
import type { Rule } from '../../core/rule.ts'
import type { BudgetKey } from '../../core/store.ts'
import { fingerprint, hash, overflowHigh, overflowLow } from '../local/siphash.ts'
import { OVERFLOW_UNTIL } from './memory-map.ts'
import { RESTART } from './ownership.ts'
import type { SharedCursor } from './shared-cursor.ts'
import type { SharedLayouts } from './shared-layouts.ts'
import type { ThreadMemory } from './thread-memory.ts'

/** Owns the buckets of requests, and finds their records. */
export class RecordFinder {
  /** How many requests the transaction is about. */
  count = 0
  /** Whether it owns the buckets of overflow records as well, because the store was found full. */
  isCrowded = false
  readonly #memory: ThreadMemory
  readonly #layouts: SharedLayouts
  readonly #cursors: SharedCursor[] = []

  constructor(memory: ThreadMemory, layouts: SharedLayouts) {
    this.#memory = memory
    this.#layouts = layouts
  }

  /** For what has nothing to do with the decisions before: the store may have room again. */
  beginDecision(): void {
    this.isCrowded = false
    if (this.#layouts.forgetIfMany()) this.#cursors.length = 0
  }

  /** Owns all that requests are about; returns the time by which they are decided. */
  open(requests: readonly BudgetKey[]): number {
    const { ownership, records, time } = this.#memory
    this.count = requests.length
    const isCrowded = this.#hasOverflow()
    for (let i = 0; i < requests.length; i++) this.#identify(i, requests[i] as BudgetKey)
    if (requests.length === 1 && !isCrowded)
      ownership.own(records.bucketOf((this.#cursors[0] as SharedCursor).low))
    else this.#ownAll(isCrowded)
    let now = time.now()
    for (let i = 0; i < requests.length; i++) now = this.#locate(this.#cursors[i] as SharedCursor, now)
    return now
  }

  /** Where the record of the request at an index is. */
  at(index: number): SharedCursor {
    return this.#cursors[index] as SharedCursor
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
    if (this.isCrowded) return true
    const until = (this.#memory.map.ints[OVERFLOW_UNTIL] as number) >>> 0
    this.isCrowded = until !== 0 && until * 1_000_000 >= this.#memory.time.now()
    return this.isCrowded
  }

  /** In the order of buckets, so that threads which want the same ones do not hold up each other. */
  #ownAll(isCrowded: boolean): void {
    const { ownership, records } = this.#memory
    const buckets: number[] = []
    for (let i = 0; i < this.count; i++) {
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
    if (!cursor.found && this.isCrowded) {
      const position = ownership.positionOf(records.bucketOf(overflowLow(low)))
      cursor.chunk = records.find(position, overflowLow(low), overflowHigh(seed))
    }
    // There is an overflow record since this transaction began, which this key may have spent in.
    if (!cursor.found && !this.isCrowded && this.#hasOverflow()) throw RESTART
    if (cursor.chunk === 0) return now
    // Another thread may have read its clock a little later than this one.
    if (aheadOf(now, records.writtenAt(cursor.chunk)) <= 0) return now
    const fresh = Math.max(now, time.fresh())
    const ahead = aheadOf(fresh, records.writtenAt(cursor.chunk))
    return ahead > 0 && ahead < time.aheadMaxUs ? fresh + ahead : fresh
  }
}

/** By how many microseconds a record was written later than now; as far as 32 bits tell. */
function aheadOf(now: number, written: number): number {
  return (written - (now | 0)) | 0
}
