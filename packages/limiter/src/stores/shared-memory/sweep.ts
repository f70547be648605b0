import { FULL } from './chunk-pool.ts'
import { countOf } from './kept-records.ts'
import { SWEEP_AT } from './memory-map.ts'
import type { ThreadMemory } from './thread-memory.ts'

/** Buckets that are looked at for one that holds something. */
const LOOKS = 64

/** Whether the record of a chunk may go. */
type IsOver = (chunk: number) => boolean

/** Removes records that have ended from the next buckets; all of them get their turn. */
export function sweep(memory: ThreadMemory, buckets: number): void {
  const { records, time } = memory
  const now = Math.floor(time.now() / 1_000_000)
  sweepBy(memory, buckets, (chunk) => records.endAt(chunk) <= now)
}

/** Removes what is over from the next buckets that hold something, of at most {@link LOOKS} times as many. */
export function sweepBy(memory: ThreadMemory, buckets: number, isOver: IsOver): void {
  const { ints, buckets: first, bucketMask } = memory.map
  const begin = Atomics.load(ints, SWEEP_AT)
  const looks = Math.min(buckets * LOOKS, bucketMask + 1)
  let seen = 0
  let look = 0
  for (; look < looks && seen < buckets; look++) {
    const bucket = (begin + look) & bucketMask
    // A hint: what comes or goes meanwhile has its turn next time.
    if (ints[first + bucket] === 0) continue
    seen++
    if (memory.records.seemsToHave(bucket, isOver)) trySweepBucket(memory, bucket, isOver)
  }
  Atomics.add(ints, SWEEP_AT, look)
}

/** Without a free chunk only records at the beginning of a bucket can go, which makes some free. */
function trySweepBucket(memory: ThreadMemory, bucket: number, isOver: IsOver): void {
  try {
    memory.transact(() => sweepBucket(memory, memory.ownership.own(bucket), isOver))
  } catch (reason) {
    if (reason !== FULL) throw reason
  }
}

function sweepBucket(memory: ThreadMemory, position: number, isOver: IsOver): void {
  const { records } = memory
  const over: (readonly [low: number, high: number])[] = []
  records.each(position, (chunk) => {
    if (isOver(chunk)) over.push([records.lowAt(chunk), records.highAt(chunk)])
  })
  // Each is found again: taking one out copies those before it.
  for (const [low, high] of over) {
    const chunk = records.find(position, low, high)
    if (chunk === 0) continue
    const count = countOf(records.layoutLowAt(chunk), records.layoutHighAt(chunk))
    records.remove(position, chunk)
    if (count !== null) memory.remove(count)
  }
}
