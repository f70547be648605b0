import { HeadgateError, wrong } from '../../core/errors.ts'
import type { Seed } from '../local/siphash.ts'

/** Bytes of a chunk: two cache lines, which hold the record of one bucket, or of one window with up to three entries. */
const CHUNK_BYTES = 128
/** 32-bit integers, and doubles, of a chunk. */
export const CHUNK_INTS: number = CHUNK_BYTES / 4
export const CHUNK_DOUBLES: number = CHUNK_BYTES / 8
/** Chunks for each key: 384 bytes on average. Pages that nothing was written to take no memory. */
const CHUNKS_PER_KEY = 3
/** Chunks for overflow records, layouts, texts, and what threads hold ready. */
const CHUNKS_BESIDE = 16_384
/** Refunds that are remembered, and claims: as many as keys, within these. */
const REMEMBERED_MIN = 8192
const REMEMBERED_MAX = 100_000
/** Most keys: chunks then have numbers below 2^27, and every index fits 31 bits. */
export const KEYS_MAX: number = 2 ** 24
/** Threads that can share one memory. */
export const THREADS_MAX = 128
/** Most buckets that one transaction owns. */
export const OWNED_MAX = 256
/** Chunks that a thread can hold ready. */
export const READY_MAX = 128
const BUCKETS_MIN = 4096
const MAGIC = 0x48474d31

/** Indices of 32-bit integers that stand once, each changed by atomic operations alone. */
export const KEYS = 16
/** Writes to overflow records. */
export const OVERFLOWED = 17
/** Second since 1970 until which some overflow record holds something; 0: there never was one. */
export const OVERFLOW_UNTIL = 18
export const REFUNDS = 19
export const CLAIMS = 20
/** Chunks that are not free. */
export const USED_CHUNKS = 21
/** Number of the next block of incarnations. */
export const INCARNATION_BLOCK = 22
/** Next bucket to be swept. */
export const SWEEP_AT = 23
/** Number of the last reading of the wall clock, and of the last one that began. */
export const CLOCK_READING = 24
export const CLOCK_DRAWN = 25
const SCALARS_END = 32

/** Readings of the wall clock that are kept; each three doubles. */
const CLOCK_READINGS = 64
const CLOCK_READING_DOUBLES = 4

/** Of a thread: who holds its place, and what it does. */
export const HOLDER = 0
/** Number and stage of its transaction, see `Ownership`. */
export const STATUS = 1
/** How often its decision under way was given up for others. */
export const SETBACKS = 2
/** Buckets that it owns, or has owned. */
export const OWNED = 3
/** Chunks that it holds ready. */
export const READY = 4
/** From here on three integers for each bucket: its number, what it held, what it is to hold. */
const OWNED_LIST = 16
const READY_LIST: number = OWNED_LIST + 3 * OWNED_MAX
const THREAD_INTS: number = READY_LIST + READY_MAX

/** Where everything is in the memory that threads share. */
export interface MemoryMap {
  readonly buffer: SharedArrayBuffer
  /** All of it as 32-bit integers. */
  readonly ints: Int32Array
  /** All of it as doubles. */
  readonly doubles: Float64Array
  readonly maxKeys: number
  readonly seed: Seed
  /** Index of the first bucket; the number of buckets less one, which is a power of two. */
  readonly buckets: number
  readonly bucketMask: number
  /** Index of the bits of chunks in use, and how many integers they take. */
  readonly bits: number
  readonly bitInts: number
  /** Index, in `ints`, of chunk 0, which is never used: 0 says that there is none. */
  readonly chunks: number
  readonly chunkCount: number
  /** Most refunds, and most claims, that are remembered: each takes a chunk. */
  readonly remembered: number
}

/** Sizes that follow from the number of keys. */
function plan(maxKeys: number): Omit<MemoryMap, 'buffer' | 'ints' | 'doubles' | 'seed'> & { bytes: number } {
  const remembered = Math.max(REMEMBERED_MIN, Math.min(REMEMBERED_MAX, maxKeys))
  // In whole integers of bits.
  const bitInts = Math.ceil((maxKeys * CHUNKS_PER_KEY + 2 * remembered + CHUNKS_BESIDE) / 32)
  const chunkCount = bitInts * 32
  const bucketCount = Math.max(BUCKETS_MIN, 2 ** Math.ceil(Math.log2(maxKeys)))
  const clock = SCALARS_END + CLOCK_READINGS * CLOCK_READING_DOUBLES * 2
  const buckets = clock + THREADS_MAX * THREAD_INTS
  const bits = buckets + bucketCount
  const chunks = Math.ceil((bits + bitInts) / CHUNK_INTS) * CHUNK_INTS
  const bytes = (chunks + chunkCount * CHUNK_INTS) * 4
  return {
    maxKeys,
    buckets,
    bucketMask: bucketCount - 1,
    bits,
    bitInts,
    chunks,
    chunkCount,
    remembered,
    bytes,
  }
}

/** Makes memory for so many keys. `incarnationBlock` is the first one that no process before has drawn from. */
export function createMemory(maxKeys: number, seed: Seed, incarnationBlock: number): MemoryMap {
  const { bytes } = plan(maxKeys)
  const buffer = new SharedArrayBuffer(bytes)
  const ints = new Int32Array(buffer)
  ints.set([MAGIC, 0, seed.k0, seed.k1])
  new Float64Array(buffer)[2] = maxKeys
  const map = openMemory(buffer)
  ints[INCARNATION_BLOCK] = incarnationBlock
  // Chunk 0 stands for none.
  ints[map.bits] = 1
  ints[USED_CHUNKS] = 1
  return map
}

/** Finds its way in memory that another thread made; an `invalid-options` error where it is none. */
export function openMemory(buffer: unknown): MemoryMap {
  const fix = 'pass the `memory` of a sharedMemoryStore of the thread that began, which workerData can carry'
  if (!(buffer instanceof SharedArrayBuffer))
    throw wrong(buffer, `is not memory that threads share; ${fix}`, 'sharedMemoryStore.attach')
  const ints = new Int32Array(buffer)
  const doubles = new Float64Array(buffer)
  const maxKeys = doubles[2] as number
  if (ints[0] !== MAGIC || plan(maxKeys).bytes !== buffer.byteLength) {
    throw new HeadgateError(
      'invalid-options',
      `sharedMemoryStore.attach: this SharedArrayBuffer was not made by sharedMemoryStore of this version; ${fix}`,
    )
  }
  const { bytes: _, ...places } = plan(maxKeys)
  return { buffer, ints, doubles, seed: { k0: ints[2] as number, k1: ints[3] as number }, ...places }
}

/** Index of the first double of a reading of the wall clock. */
export function readingAt(reading: number): number {
  return SCALARS_END / 2 + (reading % CLOCK_READINGS) * CLOCK_READING_DOUBLES
}

/** Index of the integers of a thread. */
export function threadAt({ buckets }: MemoryMap, thread: number): number {
  return buckets - (THREADS_MAX - thread) * THREAD_INTS
}

/** Index of the three integers of a bucket that a thread owns. */
export function ownedAt(threadBegin: number, position: number): number {
  return threadBegin + OWNED_LIST + 3 * position
}

/** Index of a chunk that a thread holds ready. */
export function readyAt(threadBegin: number, position: number): number {
  return threadBegin + READY_LIST + position
}
