import { countOf } from '../../src/stores/shared-memory/kept-records.ts'
import {
  CHUNK_INTS,
  CLAIMS,
  KEYS,
  type MemoryMap,
  OWNED_MAX,
  ownedAt,
  READY,
  REFUNDS,
  readyAt,
  STATUS,
  THREADS_MAX,
  threadAt,
  USED_CHUNKS,
} from '../../src/stores/shared-memory/memory-map.ts'

/** The stage of a transaction that is valid. */
const COMMITTED = 2

/** What stands in memory that nobody works on. */
export interface Audit {
  /** Chunks that are neither in a record, nor held ready, nor free. */
  readonly lostChunks: number
  /** By how much the count of keys, of refunds and of claims is above the number of their records. */
  readonly overcounted: number
  /** By how much the count of used chunks differs from the number of those that are not free. */
  readonly miscounted: number
  /** What must never be; empty when nothing is. */
  readonly faults: readonly string[]
}

/** Looks at all of the memory: every chunk is in one place at most, and every record in the bucket of its key. */
export function audit(map: MemoryMap): Audit {
  const faults: string[] = []
  const places = new Map<number, string>()
  const put = (chunk: number, place: string): boolean => {
    if (chunk <= 0 || chunk >= map.chunkCount) {
      faults.push(`${place}: there is no chunk ${chunk}`)
      return false
    }
    const other = places.get(chunk)
    if (other !== undefined) faults.push(`chunk ${chunk} is in ${other} and in ${place}`)
    if (!isUsed(map, chunk)) faults.push(`chunk ${chunk} in ${place} is free`)
    places.set(chunk, place)
    return other === undefined
  }
  const counts = walkBuckets(map, put, faults)
  for (let thread = 0; thread < THREADS_MAX; thread++) {
    const at = threadAt(map, thread)
    for (let i = 0; i < (map.ints[at + READY] as number); i++)
      put(map.ints[readyAt(at, i)] as number, `thread ${thread}`)
  }
  let used = 0
  for (let i = 0; i < map.bitInts; i++) used += bitsIn(map.ints[map.bits + i] as number)
  const overcounted = [KEYS, REFUNDS, CLAIMS].reduce(
    (sum, count) => sum + (map.ints[count] as number) - (counts.get(count) ?? 0),
    0,
  )
  return {
    // Chunk 0 is used and stands nowhere.
    lostChunks: used - 1 - places.size,
    overcounted,
    miscounted: (map.ints[USED_CHUNKS] as number) - used,
    faults,
  }
}

/** Puts the chunks of all records; returns how many records there are of every count. */
function walkBuckets(
  map: MemoryMap,
  put: (chunk: number, place: string) => boolean,
  faults: string[],
): ReadonlyMap<number, number> {
  const { ints, chunks, bucketMask } = map
  const counts = new Map<number, number>()
  for (let bucket = 0; bucket <= bucketMask; bucket++) {
    for (let chunk = headOf(map, bucket); chunk !== 0; ) {
      const at = chunks + chunk * CHUNK_INTS
      if (!put(chunk, `bucket ${bucket}`)) break
      const [next = 0, more = 0, low = 0, , layoutLow = 0, layoutHigh = 0] = ints.subarray(at, at + 6)
      if ((low & bucketMask) !== bucket) faults.push(`a record of another bucket is in bucket ${bucket}`)
      for (let part = more; part !== 0; part = ints[chunks + part * CHUNK_INTS + 1] as number)
        if (!put(part, `a state in bucket ${bucket}`)) break
      const count = countOf(layoutLow, layoutHigh)
      if (count !== null) counts.set(count, (counts.get(count) ?? 0) + 1)
      chunk = next
    }
  }
  return counts
}

/** What is valid in a bucket, also where a thread owns it that has ended and was not cleared up after. */
function headOf(map: MemoryMap, bucket: number): number {
  const { ints } = map
  const word = ints[map.buckets + bucket] as number
  if (word >= 0) return word
  const at = threadAt(map, (word >>> 24) & 0x7f)
  const status = ints[at + STATUS] as number
  const isCommitted = status >>> 2 === (word & 0xff_ffff) && (status & 3) === COMMITTED
  for (let i = 0; i < OWNED_MAX; i++) {
    if (ints[ownedAt(at, i)] === bucket) return ints[ownedAt(at, i) + (isCommitted ? 2 : 1)] as number
  }
  throw new Error(`bucket ${bucket} is owned by a thread that does not know it`)
}

function isUsed({ ints, bits }: MemoryMap, chunk: number): boolean {
  return ((ints[bits + (chunk >>> 5)] as number) & (1 << (chunk & 31))) !== 0
}

function bitsIn(int: number): number {
  let count = 0
  for (let rest = int; rest !== 0; rest &= rest - 1) count++
  return count
}

/** What is found where no thread ended in the middle. */
export const untouched: Audit = { lostChunks: 0, overcounted: 0, miscounted: 0, faults: [] }
