/** Blocks that are remembered, of one connection. */
const SLOTS = 32
/** Longer blocks are decoded each time. */
const OCTETS_MAX = 512
const MULTIPLIER = 0x9e3779b1

/** A block and what it was made into. */
export interface CachedBlock<T> {
  readonly hash: number
  readonly octets: Uint8Array
  readonly answer: T
}

/** Remembers what blocks were made into, by their octets. Each of them has one slot; the one seen last wins it. */
export class BlockCache<T> {
  readonly #slots: (CachedBlock<T> | undefined)[] = []
  readonly #seen: number[] = new Array<number>(SLOTS).fill(0)
  /** Of the block that was looked for last. */
  #hash = 0
  #hasSeen = false

  /** Whether the block that was looked for last was looked for before: only those that come again are worth a copy. */
  get hasSeen(): boolean {
    return this.#hasSeen
  }

  /** The block from `start` to `end`, if it is remembered. */
  find(octets: Buffer, start: number, end: number): CachedBlock<T> | undefined {
    this.#hasSeen = false
    if (end - start > OCTETS_MAX) return undefined
    const hash = hashOf(octets, start, end)
    const slot = slotOf(hash)
    const cached = this.#slots[slot]
    if (cached?.hash === hash && cached.octets.length === end - start && isAt(start, octets, cached.octets))
      return cached
    this.#hash = hash
    this.#hasSeen = this.#seen[slot] === hash
    this.#seen[slot] = hash
    return undefined
  }

  /** Remembers the block that was looked for last, by a copy of its octets. */
  add(octets: Uint8Array, answer: T): void {
    this.#slots[slotOf(this.#hash)] = { hash: this.#hash, octets: new Uint8Array(octets), answer }
  }

  /** Forgets all of them. */
  clear(): void {
    this.#slots.length = 0
  }
}

/** Of four octets at a time: the multiplications wait for each other. Nobody gains by blocks that share a hash but to be slow. */
export function hashOf(octets: Buffer, start: number, end: number): number {
  let hash = end - start
  let at = start
  for (; at + 3 < end; at += 4) {
    const word =
      (octets[at] as number) |
      ((octets[at + 1] as number) << 8) |
      ((octets[at + 2] as number) << 16) |
      ((octets[at + 3] as number) << 24)
    hash = Math.imul(hash ^ word, MULTIPLIER)
    hash ^= hash >>> 15
  }
  for (; at < end; at++) hash = Math.imul(hash ^ (octets[at] as number), MULTIPLIER)
  return hash ^ (hash >>> 15)
}

function slotOf(hash: number): number {
  return hash & (SLOTS - 1)
}

function isAt(start: number, octets: Buffer, sought: Uint8Array): boolean {
  for (let i = 0; i < sought.length; i++) {
    if (octets[start + i] !== sought[i]) return false
  }
  return true
}
