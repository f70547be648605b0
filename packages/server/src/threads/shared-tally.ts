import { hash, randomBytes } from 'node:crypto'
import type { Places, Tally } from '../service/tally.ts'

/** What threads share: given to each as it is. */
export interface TallyMemory {
  readonly cells: Int32Array
  /** Keyed by this, nobody can make up keys that fall on each other. */
  readonly seed: string
  /** Threads are numbered from 0 up to this. */
  readonly threads: number
}

/** The first cell of the memory: 0, or 1 more than the number of the thread that changes it. */
const LOCK = 0
/** Two of a key, before the counts of each thread. */
const KEY_CELLS = 2
/** A key is looked for in so many slots, from its own on: there are four times as many slots as keys. */
const WINDOW = 64
const SLOTS_MAX = 2 ** 20
/** A change takes a microsecond or two: whoever holds the lock for longer is not run by the system, or has died there. */
const SPINS = 100
const WAIT_MS = 100

/** Memory for the counts of up to `keys` keys at a time. */
export function tallyMemory({
  keys,
  threads,
}: {
  readonly keys: number
  readonly threads: number
}): TallyMemory {
  const slots = keys === 1 ? 1 : Math.min(SLOTS_MAX, 2 ** Math.ceil(Math.log2(4 * keys)))
  const cells = 1 + slots * (KEY_CELLS + threads)
  return {
    cells: new Int32Array(new SharedArrayBuffer(cells * Int32Array.BYTES_PER_ELEMENT)),
    seed: randomBytes(16).toString('base64'),
    threads,
  }
}

/** Where a key is looked for, from which slot on, and what it is known by there. */
interface KeyPlace {
  readonly high: number
  readonly low: number
  readonly first: number
}

/**
 * Counts by key of several threads together, never above their bound. Each thread has a cell of its own in each count, so that the
 * share of one that died can be taken out. One thread at a time adds to a count, with a lock; a count is taken off without it. The
 * lock of a thread that died is opened by `forget`; whoever cannot wait for that, a tenth of a second, is not counted.
 */
export class SharedTally implements Tally {
  readonly #memory: TallyMemory
  readonly #thread: number
  readonly #size: number
  readonly #slots: number

  /** `thread`: the number of this one, from 0. */
  constructor(memory: TallyMemory, thread: number) {
    this.#memory = memory
    this.#thread = thread
    this.#size = KEY_CELLS + memory.threads
    this.#slots = (memory.cells.length - 1) / this.#size
  }

  take(key: string, max: number): (() => void) | null {
    const place = this.#placeOf(key)
    if (!this.#lock()) return () => {}
    try {
      const slot = this.#slotOf(place)
      if (slot === null) return () => {}
      if (this.#sum(slot) >= max) return null
      const own = slot + KEY_CELLS + this.#thread
      Atomics.add(this.#memory.cells, own, 1)
      return () => void Atomics.sub(this.#memory.cells, own, 1)
    } finally {
      this.#unlock(this.#thread)
    }
  }

  /** Of all keys together. */
  get total(): number {
    let total = 0
    for (let i = 0; i < this.#slots; i++) total += this.#sum(1 + i * this.#size)
    return total
  }

  /** Takes out all that a thread counted, which has died. */
  forget(thread: number): void {
    const { cells } = this.#memory
    this.#unlock(thread)
    for (let i = 0; i < this.#slots; i++) Atomics.store(cells, 1 + i * this.#size + KEY_CELLS + thread, 0)
  }

  #placeOf(key: string): KeyPlace {
    const digest = Buffer.from(hash('sha256', this.#memory.seed + key, 'hex'), 'hex')
    return {
      high: digest.readInt32LE(0) | 1,
      low: digest.readInt32LE(4),
      first: digest.readUInt32LE(8) % this.#slots,
    }
  }

  /** The slot that has a key already, or gets it; null where all that it may have belong to others. */
  #slotOf({ high, low, first }: KeyPlace): number | null {
    const { cells } = this.#memory
    let free: number | null = null
    for (let i = 0; i < Math.min(WINDOW, this.#slots); i++) {
      const slot = 1 + ((first + i) % this.#slots) * this.#size
      const found = Atomics.load(cells, slot)
      if (found === high && Atomics.load(cells, slot + 1) === low) return slot
      if (free === null && this.#sum(slot) === 0) free = slot
      // No key was ever put further on.
      if (found === 0) break
    }
    if (free === null) return null
    Atomics.store(cells, free, high)
    Atomics.store(cells, free + 1, low)
    return free
  }

  #sum(slot: number): number {
    let sum = 0
    for (let i = KEY_CELLS; i < this.#size; i++) sum += Atomics.load(this.#memory.cells, slot + i)
    return sum
  }

  #lock(): boolean {
    const { cells } = this.#memory
    let giveUpAt: number | null = null
    for (let i = 0; ; i++) {
      const holder = Atomics.compareExchange(cells, LOCK, 0, this.#thread + 1)
      if (holder === 0) return true
      if (i < SPINS) continue
      giveUpAt ??= performance.now() + WAIT_MS
      const leftMs = giveUpAt - performance.now()
      if (leftMs <= 0) return false
      // Answers at once where another thread holds it by now.
      Atomics.wait(cells, LOCK, holder, leftMs)
    }
  }

  #unlock(thread: number): void {
    const { cells } = this.#memory
    if (Atomics.compareExchange(cells, LOCK, thread + 1, 0) === thread + 1) Atomics.notify(cells, LOCK)
  }
}

/** Places that several threads take together. */
export class SharedPlaces implements Places {
  readonly #tally: SharedTally
  readonly #max: number

  /** Of the one key of a tally. */
  constructor(tally: SharedTally, max: number) {
    this.#tally = tally
    this.#max = max
  }

  get taken(): number {
    return this.#tally.total
  }

  take(): (() => void) | null {
    return this.#tally.take('', this.#max)
  }
}
