import { CHUNK_INTS, type MemoryMap, READY, READY_MAX, readyAt, threadAt, USED_CHUNKS } from './memory-map.ts'

/** Thrown where there is no free chunk: once what has ended is removed, there may be. */
export const FULL: Error = new Error('no chunk is free')

/** Chunks given back at once where a thread holds too many ready. */
const SPILL = 32
/** Integers of bits that are looked at for a free chunk, in stretches; what is not found there is found by a later call. */
const LOOKS = 2048
const STRETCH = 64
/** From one stretch to the next, as a share of all bits: by the golden ratio, so that a few of them come everywhere. */
const LEAP = 0.618

/**
 * Chunks for one thread. It holds some ready in its place in the memory, which whoever gets the place next takes over. A thread that
 * dies in the middle loses at most those of one decision, and 32 that it was about to make ready.
 */
export class ChunkPool {
  readonly #map: MemoryMap
  readonly #ints: Int32Array
  readonly #at: number
  /** Chunks that this transaction has taken, and such that it replaces. */
  readonly #taken = new ChunkList()
  readonly #replaced = new ChunkList()
  /** Where the search goes on. */
  #search: number

  constructor(map: MemoryMap, thread: number) {
    this.#map = map
    this.#ints = map.ints
    this.#at = threadAt(map, thread)
    this.#search = (thread * 997) % map.bitInts
  }

  /** A chunk of its own for this transaction. Only what must be kept gets one of the last eighth. */
  take(): number {
    const ready = this.#ints[this.#at + READY] as number
    const chunk = ready > 0 ? this.#pop(ready) : this.#fill()
    this.#taken.add(chunk)
    return chunk
  }

  /** Bytes that are not free. */
  get usedBytes(): number {
    return Atomics.load(this.#ints, USED_CHUNKS) * CHUNK_INTS * 4
  }

  /** Whether so much is in use that no new key should get a record of its own. */
  get isNearlyFull(): boolean {
    const { chunkCount } = this.#map
    return Atomics.load(this.#ints, USED_CHUNKS) > chunkCount - (chunkCount >>> 3)
  }

  /** A chunk is in use until this transaction is valid, and free then. Returns how many are. */
  replace(chunk: number): number {
    return this.#replaced.add(chunk)
  }

  /** The transaction is valid. */
  commit(): void {
    this.#makeReady(this.#replaced)
    this.#taken.count = 0
  }

  /** The transaction never was. */
  abort(): void {
    this.#makeReady(this.#taken)
    this.#replaced.count = 0
  }

  #pop(ready: number): number {
    this.#ints[this.#at + READY] = ready - 1
    return this.#ints[readyAt(this.#at, ready - 1)] as number
  }

  #makeReady(list: ChunkList): void {
    const ints = this.#ints
    const { chunks, count } = list
    let ready = ints[this.#at + READY] as number
    for (let i = 0; i < count; i++) {
      if (ready === READY_MAX) ready = this.#spill(ready)
      ints[readyAt(this.#at, ready)] = chunks[i] as number
      ready++
    }
    ints[this.#at + READY] = ready
    list.count = 0
  }

  /** Makes all chunks ready whose bits are in one integer, and takes one of them. */
  #fill(): number {
    const { bits, bitInts } = this.#map
    for (let look = 0; look < LOOKS; look++) {
      const at = bits + this.#search
      const used = Atomics.load(this.#ints, at)
      if (used !== -1 && Atomics.compareExchange(this.#ints, at, used, -1) === used) {
        return this.#pop(this.#addFree(this.#search * 32, used))
      }
      if (used !== -1) continue
      const isEndOfStretch = look % STRETCH === STRETCH - 1
      this.#search = (this.#search + (isEndOfStretch ? Math.floor(bitInts * LEAP) : 1)) % bitInts
    }
    throw FULL
  }

  #addFree(first: number, used: number): number {
    let ready = 0
    for (let bit = 31; bit >= 0; bit--) {
      if ((used & (1 << bit)) === 0) this.#ints[readyAt(this.#at, ready++)] = first + bit
    }
    this.#ints[this.#at + READY] = ready
    Atomics.add(this.#ints, USED_CHUNKS, ready)
    return ready
  }

  #spill(ready: number): number {
    const ints = this.#ints
    const left = ready - SPILL
    ints[this.#at + READY] = left
    for (let i = left; i < ready; i++) {
      const chunk = ints[readyAt(this.#at, i)] as number
      Atomics.and(ints, this.#map.bits + (chunk >>> 5), ~(1 << (chunk & 31)))
    }
    Atomics.sub(ints, USED_CHUNKS, SPILL)
    return left
  }
}

/** A list that is emptied without giving its memory back. */
class ChunkList {
  chunks: Int32Array = new Int32Array(64)
  count = 0

  add(chunk: number): number {
    if (this.count === this.chunks.length) {
      const larger = new Int32Array(2 * this.count)
      larger.set(this.chunks)
      this.chunks = larger
    }
    this.chunks[this.count++] = chunk
    return this.count
  }
}
