// biome-ignore-all lint/complexity/useMaxParams: a hot path; an object of arguments would be made for every decision
import type { ChunkPool } from './chunk-pool.ts'
import { CHUNK_DOUBLES, CHUNK_INTS, type MemoryMap } from './memory-map.ts'
import { type Ownership, RESTART } from './ownership.ts'

/** Integers of the first chunk of a record; the state follows. In other chunks only the second of them is used. */
const NEXT = 0
const MORE = 1
const LOW = 2
const HIGH = 3
const LAYOUT_LOW = 4
const LAYOUT_HIGH = 5
const END = 6
const WRITTEN = 7
/** Doubles of state in the first chunk, from the fifth on, and in every other one, from the second on. */
const FIRST_BEGIN = 4
const OTHER_BEGIN = 1
/** Numbers of a state in the first chunk of its record. */
const FIRST_MAX: number = CHUNK_DOUBLES - FIRST_BEGIN
/** Numbers of a state in every other one. */
const OTHER_MAX = CHUNK_DOUBLES - OTHER_BEGIN
/** Most numbers that a chunk has behind the end of a state. */
export const TAIL_MAX: number = OTHER_MAX
/** Records read of one bucket before it is looked whether they can be believed. */
const CHAIN_CHECK = 32
/** Seconds since 1970 that say that a record never ends. */
export const NEVER_ENDS: number = 2 ** 32 - 1

/**
 * Records in buckets that a transaction owns: each is a list of chunks, and the records of a bucket follow each other. Chunks that
 * others can see are never changed: what changes is written into new ones.
 */
export class Records {
  readonly #ints: Int32Array
  readonly #doubles: Float64Array
  /** Index of chunk 0. */
  readonly #begin: number
  readonly #mask: number
  readonly #buckets: number
  readonly #ownership: Ownership
  readonly #pool: ChunkPool
  #scratch: Float64Array = new Float64Array(64)

  constructor(map: MemoryMap, ownership: Ownership, pool: ChunkPool) {
    this.#ints = map.ints
    this.#doubles = map.doubles
    this.#begin = map.chunks
    this.#mask = map.bucketMask
    this.#buckets = map.buckets
    this.#ownership = ownership
    this.#pool = pool
  }

  /** The bucket of a fingerprint. */
  bucketOf(low: number): number {
    return low & this.#mask
  }

  /** The first chunk of a record in an owned bucket; 0 if there is none. */
  find(position: number, low: number, high: number): number {
    let chunk = this.#ownership.headAt(position)
    for (let seen = 1; chunk !== 0; seen++) {
      const at = this.#at(chunk)
      if (this.#ints[at + LOW] === low && this.#ints[at + HIGH] === high) return chunk
      chunk = this.#ints[at + NEXT] as number
      if (seen % CHAIN_CHECK === 0) this.#ownership.check()
    }
    return 0
  }

  /** Every record of an owned bucket; `read` is not to change any. */
  each(position: number, read: (chunk: number) => void): void {
    let chunk = this.#ownership.headAt(position)
    for (let seen = 1; chunk !== 0; seen++) {
      const next = this.#ints[this.#at(chunk) + NEXT] as number
      read(chunk)
      chunk = next
      if (seen % CHAIN_CHECK === 0) this.#ownership.check()
    }
  }

  /** Whether a bucket that nobody here owns seems to have such a record: others may be changing it. */
  seemsToHave(bucket: number, test: (chunk: number) => boolean): boolean {
    let chunk = Math.max(0, this.#ints[this.#buckets + bucket] as number)
    for (let seen = 0; chunk !== 0 && seen < CHAIN_CHECK; seen++) {
      if (test(chunk)) return true
      chunk = this.#ints[this.#at(chunk) + NEXT] as number
    }
    return false
  }

  lowAt(chunk: number): number {
    return this.#ints[this.#at(chunk) + LOW] as number
  }

  highAt(chunk: number): number {
    return this.#ints[this.#at(chunk) + HIGH] as number
  }

  endAt(chunk: number): number {
    return (this.#ints[this.#at(chunk) + END] as number) >>> 0
  }

  layoutLowAt(chunk: number): number {
    return this.#ints[this.#at(chunk) + LAYOUT_LOW] as number
  }

  layoutHighAt(chunk: number): number {
    return this.#ints[this.#at(chunk) + LAYOUT_HIGH] as number
  }

  writtenAt(chunk: number): number {
    return this.#ints[this.#at(chunk) + WRITTEN] as number
  }

  /** Copies a state, and whatever stands behind it in its last chunk, at most {@link TAIL_MAX} numbers, to the index `to` of `target`. */
  readInto(chunk: number, target: Float64Array, to: number): void {
    const ints = this.#ints
    const doubles = this.#doubles
    const at = this.#at(chunk)
    const first = (at >>> 1) + FIRST_BEGIN
    for (let i = 0; i < FIRST_MAX; i++) target[to + i] = doubles[first + i] as number
    let end = to + FIRST_MAX
    let more = ints[at + MORE] as number
    for (let seen = 1; more !== 0; seen++) {
      const next = this.#at(more)
      const from = (next >>> 1) + OTHER_BEGIN
      for (let i = 0; i < OTHER_MAX; i++) target[end + i] = doubles[from + i] as number
      end += OTHER_MAX
      more = ints[next + MORE] as number
      if (seen % CHAIN_CHECK === 0) this.#ownership.check()
    }
  }

  /** A state as {@link readInto} copies it; the next call writes over it. */
  readAll(chunk: number): Float64Array {
    const size = FIRST_MAX + OTHER_MAX * this.#countMore(chunk)
    if (size > this.#scratch.length) this.#scratch = new Float64Array(2 * size)
    this.readInto(chunk, this.#scratch, 0)
    return this.#scratch
  }

  /** Writes the state of a record, from index `from` of `state` on, in place of a record of an owned bucket, or of none (0); `sign` is to follow. */
  write(position: number, old: number, state: Float64Array, from: number, size: number): number {
    const chunk = this.#pool.take()
    const at = this.#at(chunk)
    const ints = this.#ints
    const doubles = (at >>> 1) + FIRST_BEGIN
    const first = Math.min(size, FIRST_MAX)
    for (let i = 0; i < first; i++) this.#doubles[doubles + i] = state[from + i] as number
    ints[at + MORE] = size > first ? this.#writeMore(state, from + first, size - first) : 0
    if (old === 0) {
      ints[at + NEXT] = this.#ownership.headAt(position)
      this.#ownership.setHead(position, chunk)
    } else {
      ints[at + NEXT] = ints[this.#at(old) + NEXT] as number
      this.#relink(position, old, chunk)
    }
    return chunk
  }

  /**
   * Writes what stands beside the state of a record just written: its fingerprint and that of its layout, see `SharedLayouts`, the
   * second since 1970 from which on it may be dropped, and the lower 32 bits of the microseconds at which it was written.
   */
  sign(
    chunk: number,
    low: number,
    high: number,
    layoutLow: number,
    layoutHigh: number,
    end: number,
    written: number,
  ): void {
    const at = this.#at(chunk)
    const ints = this.#ints
    ints[at + LOW] = low
    ints[at + HIGH] = high
    ints[at + LAYOUT_LOW] = layoutLow
    ints[at + LAYOUT_HIGH] = layoutHigh
    ints[at + END] = end
    ints[at + WRITTEN] = written
  }

  /** Takes a record out of an owned bucket. */
  remove(position: number, chunk: number): void {
    this.#relink(position, chunk, this.#ints[this.#at(chunk) + NEXT] as number)
  }

  #at(chunk: number): number {
    return this.#begin + chunk * CHUNK_INTS
  }

  #countMore(chunk: number): number {
    let count = 0
    for (let more = chunk; ; count++) {
      more = this.#ints[this.#at(more) + MORE] as number
      if (more === 0) return count
      if (count % CHAIN_CHECK === CHAIN_CHECK - 1) this.#ownership.check()
    }
  }

  #writeMore(state: Float64Array, from: number, size: number): number {
    const first = this.#pool.take()
    let chunk = first
    for (let done = 0; ; ) {
      const at = this.#at(chunk)
      const doubles = (at >>> 1) + OTHER_BEGIN
      const count = Math.min(size - done, OTHER_MAX)
      for (let i = 0; i < count; i++) this.#doubles[doubles + i] = state[from + done + i] as number
      done += count
      this.#ints[at + NEXT] = 0
      chunk = done < size ? this.#pool.take() : 0
      this.#ints[at + MORE] = chunk
      if (chunk === 0) return first
    }
  }

  /** Puts the list of records that begins with `next` in place of `old`; those before it are copied, as others may read them. */
  #relink(position: number, old: number, next: number): void {
    let before = 0
    for (let chunk = this.#ownership.headAt(position); chunk !== old; chunk = this.#next(chunk)) {
      const copy = this.#pool.take()
      this.#ints.copyWithin(this.#at(copy), this.#at(chunk), this.#at(chunk) + CHUNK_INTS)
      this.#link(position, before, copy)
      before = copy
      if (this.#pool.replace(chunk) % CHAIN_CHECK === 0) this.#ownership.check()
    }
    this.#link(position, before, next)
    for (let more = old; more !== 0; more = this.#ints[this.#at(more) + MORE] as number) {
      if (this.#pool.replace(more) % CHAIN_CHECK === 0) this.#ownership.check()
    }
  }

  /** The record behind one that is not the last; if it is, others have changed what is read. */
  #next(chunk: number): number {
    const next = this.#ints[this.#at(chunk) + NEXT] as number
    if (next === 0) throw RESTART
    return next
  }

  #link(position: number, before: number, chunk: number): void {
    if (before === 0) this.#ownership.setHead(position, chunk)
    else this.#ints[this.#at(before) + NEXT] = chunk
  }
}
