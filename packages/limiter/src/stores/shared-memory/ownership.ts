import { HeadgateError } from '../../core/errors.ts'
import { type MemoryMap, OWNED, OWNED_MAX, ownedAt, SETBACKS, STATUS, threadAt } from './memory-map.ts'

/** Stages of a transaction: the lowest two bits of its thread's status, below its number. */
const ACTIVE = 1
const COMMITTED = 2
const ABORTED = 3

/** Numbers of transactions of one thread, after which they begin again. */
const NUMBERS = 2 ** 24
/** How often it is looked whether a bucket is free before its owner is put off; doubled with each time that happened to it. */
const LOOKS = 64
const DOUBLINGS_MAX = 10
/** Most attempts to own one bucket: each that fails was another thread's success. */
const ATTEMPTS_MAX = 100_000

/** Thrown where a transaction was put off, or cannot go on as it began: it is to begin again. */
export const RESTART: Error = new Error('the transaction has to begin again')

const pause: () => void = (Atomics as { pause?: () => void }).pause ?? (() => {})

/**
 * The transactions of one thread: it owns buckets, works on copies, and makes all of them valid by one atomic operation, or none.
 *
 * A bucket is one integer: 0 or the number of its first chunk, or, below 0, thread and number of the transaction that owns it. What
 * an owned bucket holds stands in the list of its owner, before and after. The status of the owner says which of both is valid:
 * before, until it is COMMITTED. Who finds a bucket owned looks a while, then puts the owner off (ABORTED) and takes the bucket over,
 * so that a thread that died, or that the system does not run, holds up nobody. Nobody ever sleeps. See decision 0049.
 */
export class Ownership {
  /** Buckets that this transaction owns. */
  count = 0
  readonly #map: MemoryMap
  readonly #ints: Int32Array
  readonly #thread: number
  /** Index of the integers of this thread. */
  readonly #at: number
  #number: number
  #setbacks = 0

  constructor(map: MemoryMap, thread: number) {
    this.#map = map
    this.#ints = map.ints
    this.#thread = thread
    this.#at = threadAt(map, thread)
    this.#number = numberOf(map.ints[this.#at + STATUS] as number)
    // Those of a thread that had this place before.
    map.ints[this.#at + SETBACKS] = 0
  }

  /** Begins a transaction. */
  begin(): void {
    const number = (this.#number + 1) % NUMBERS
    this.#number = number
    this.count = 0
    this.#ints[this.#at + OWNED] = 0
    // Nobody looks at it before the atomic operation that owns the first bucket, which makes it known.
    this.#ints[this.#at + STATUS] = statusOf(number, ACTIVE)
  }

  /** Owns a bucket; returns its position in the list of those owned. */
  own(bucket: number): number {
    const position = this.positionOf(bucket)
    return position >= 0 ? position : this.#take(bucket)
  }

  /** Position of a bucket that this transaction owns; -1 if it does not. */
  positionOf(bucket: number): number {
    for (let i = 0; i < this.count; i++) if (this.#ints[ownedAt(this.#at, i)] === bucket) return i
    return -1
  }

  /** First chunk of an owned bucket, as this transaction leaves it. */
  headAt(position: number): number {
    return this.#ints[ownedAt(this.#at, position) + 2] as number
  }

  setHead(position: number, chunk: number): void {
    this.#ints[ownedAt(this.#at, position) + 2] = chunk
  }

  /**
   * Throws where another thread has put this one off: what was read since `own` may then be anything. An atomic operation that
   * writes, so that no read before it is carried out after it.
   */
  check(): void {
    const active = statusOf(this.#number, ACTIVE)
    if (Atomics.compareExchange(this.#ints, this.#at + STATUS, active, active) !== active) throw RESTART
  }

  /** Makes all that was changed valid, and gives the buckets back; false, and it is to be aborted, where this thread was put off. */
  commit(): boolean {
    const isDone = this.count === 1 ? this.#release(0, 2) : this.#commitSeveral()
    if (isDone) this.#noteSetbacks(0)
    return isDone
  }

  /** Gives the buckets back as they were; false where this thread was put off. */
  abort(): boolean {
    const isDone = this.#advance(ABORTED)
    for (let i = 0; i < this.count; i++) this.#release(i, 1)
    this.#noteSetbacks(this.#setbacks + 1)
    return isDone
  }

  #commitSeveral(): boolean {
    if (this.count > 0 && !this.#advance(COMMITTED)) return false
    for (let i = 0; i < this.count; i++) this.#release(i, 2)
    return true
  }

  #advance(stage: number): boolean {
    const active = statusOf(this.#number, ACTIVE)
    const next = statusOf(this.#number, stage)
    return Atomics.compareExchange(this.#ints, this.#at + STATUS, active, next) === active
  }

  /** Puts what the bucket held before (1) or is to hold (2) in place of its owner; false where it was taken over. */
  #release(position: number, which: 1 | 2): boolean {
    const entry = ownedAt(this.#at, position)
    const word = this.#map.buckets + (this.#ints[entry] as number)
    const mine = ownerWord(this.#thread, this.#number)
    return Atomics.compareExchange(this.#ints, word, mine, this.#ints[entry + which] as number) === mine
  }

  #take(bucket: number): number {
    const ints = this.#ints
    const position = this.count
    if (position === OWNED_MAX) throw tooMany()
    const word = this.#map.buckets + bucket
    const entry = ownedAt(this.#at, position)
    const mine = ownerWord(this.#thread, this.#number)
    ints[entry] = bucket
    // Whoever clears up after this thread looks at this one as well: it may be owned by the next line.
    ints[this.#at + OWNED] = position + 1
    // A guess, which the operation below corrects.
    let found = ints[word] as number
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      const head = found >= 0 ? found : valueOwned(this.#map, bucket, found)
      if (head < 0) {
        found = Atomics.load(ints, word)
        continue
      }
      ints[entry + 1] = head
      ints[entry + 2] = head
      const before = Atomics.compareExchange(ints, word, found, mine)
      if (before === found) {
        this.count = position + 1
        return position
      }
      found = before
    }
    throw busy()
  }

  #noteSetbacks(setbacks: number): void {
    if (setbacks === this.#setbacks) return
    this.#setbacks = setbacks
    this.#ints[this.#at + SETBACKS] = setbacks
  }
}

/** Gives back what a thread owned that has ended, whatever it was doing. Only where no code of it runs any more. */
export function clearUpAfter(map: MemoryMap, thread: number): void {
  const { ints } = map
  const at = threadAt(map, thread)
  const status = Atomics.load(ints, at + STATUS)
  if ((status & 3) === ACTIVE) {
    Atomics.compareExchange(ints, at + STATUS, status, statusOf(numberOf(status), ABORTED))
  }
  const isCommitted = (Atomics.load(ints, at + STATUS) & 3) === COMMITTED
  const word = ownerWord(thread, numberOf(status))
  for (let i = 0; i < (ints[at + OWNED] as number); i++) {
    const entry = ownedAt(at, i)
    const bucket = map.buckets + (ints[entry] as number)
    Atomics.compareExchange(ints, bucket, word, ints[entry + (isCommitted ? 2 : 1)] as number)
  }
}

/** What is valid in a bucket that another thread owns, after it was put off; -1 where it is no longer the owner. */
function valueOwned(map: MemoryMap, bucket: number, word: number): number {
  const { ints } = map
  const at = threadAt(map, (word >>> 24) & 0x7f)
  const number = word & (NUMBERS - 1)
  const looks = LOOKS << Math.min(DOUBLINGS_MAX, ints[at + SETBACKS] as number)
  for (let look = 0; look < looks; look++) {
    if (Atomics.load(ints, map.buckets + bucket) !== word) return -1
    if (Atomics.load(ints, at + STATUS) !== statusOf(number, ACTIVE)) break
    pause()
  }
  const active = statusOf(number, ACTIVE)
  const aborted = statusOf(number, ABORTED)
  const status = Atomics.compareExchange(ints, at + STATUS, active, aborted)
  const isCommitted = status === statusOf(number, COMMITTED)
  if (!isCommitted && status !== active && status !== aborted) return -1
  for (let i = 0; i < OWNED_MAX; i++) {
    const entry = ownedAt(at, i)
    if (ints[entry] === bucket) return ints[entry + (isCommitted ? 2 : 1)] as number
  }
  return -1
}

function ownerWord(thread: number, number: number): number {
  return 0x8000_0000 | (thread << 24) | number
}

function statusOf(number: number, stage: number): number {
  return (number << 2) | stage
}

function numberOf(status: number): number {
  return (status >>> 2) % NUMBERS
}

function tooMany(): HeadgateError {
  return new HeadgateError(
    'invalid-options',
    `one decision on memory that threads share is about more than ${OWNED_MAX} keys; ask for fewer at once`,
  )
}

function busy(): HeadgateError {
  return new HeadgateError('store-unavailable', 'other threads change this key all the time; try again')
}
