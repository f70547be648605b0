/** Slots of one segment: a header of fingerprint and layout, then the state, all in one run of memory. */
export interface Segment {
  cells: Float64Array
  /** The same memory as 32-bit numbers: fingerprint low, high, layout, 0. */
  heads: Int32Array
  /** State of layouts whose size varies, by slot; null while there is none. */
  boxes: (Float64Array | undefined)[] | null
  slots: number
  count: number
  /** Counts every change that moves or removes a record. */
  version: number
}

/** Numbers of the header of a slot. */
export const HEAD = 2

const SEGMENTS = 32
const LOAD_MAX = 0.8
const FIRST_SLOTS = 8
/** Below this a segment grows by half; above it by a quarter, so that memory stays close to what is used. */
const COARSE_SLOTS = 1024

/**
 * Open addressing with linear probing, in segments that grow one by one, so that no single call moves more than a
 * small share of the keys. Keys are known by 64-bit fingerprints; no object and no timer exists per key.
 */
export class Table {
  /** Numbers of state a record has. */
  readonly width: number
  readonly stride: number
  readonly #segments: (Segment | undefined)[]

  constructor(width: number, segments: number = SEGMENTS) {
    this.width = width
    this.stride = HEAD + width
    this.#segments = new Array(segments).fill(undefined)
  }

  /** Number of segments, a power of two. */
  get size(): number {
    return this.#segments.length
  }

  /** The segment that holds a fingerprint, created when first needed. */
  segment(high: number): Segment {
    const index = (high >>> 8) & (this.#segments.length - 1)
    return this.#segments[index] ?? this.#create(index)
  }

  /** The segment at an index; undefined while it is empty. */
  at(index: number): Segment | undefined {
    return this.#segments[index]
  }

  /** The slot of a fingerprint, or -1. */
  find(segment: Segment, low: number, high: number): number {
    const { heads, slots } = segment
    const step = this.stride * 2
    let slot = home(low, slots)
    for (;;) {
      const head = slot * step
      if (heads[head + 2] === 0) return -1
      if (heads[head] === low && heads[head + 1] === high) return slot
      if (++slot === slots) slot = 0
    }
  }

  /** Takes a free slot for a fingerprint that is not in the segment; its state is zeros. */
  insert(segment: Segment, low: number, high: number, layout: number): number {
    const { heads, slots } = segment
    const step = this.stride * 2
    let slot = home(low, slots)
    while (heads[slot * step + 2] !== 0) if (++slot === slots) slot = 0
    heads[slot * step] = low
    heads[slot * step + 1] = high
    heads[slot * step + 2] = layout
    segment.count++
    return slot
  }

  /** Removes a record and closes the gap, so that no marks of removed records are left behind. */
  remove(segment: Segment, slot: number): void {
    const { cells, heads, slots, boxes } = segment
    const { stride } = this
    let gap = slot
    for (let next = (slot + 1) % slots; heads[next * stride * 2 + 2] !== 0; next = (next + 1) % slots) {
      const from = home(heads[next * stride * 2] as number, slots)
      if ((next - from + slots) % slots < (next - gap + slots) % slots) continue
      cells.copyWithin(gap * stride, next * stride, (next + 1) * stride)
      if (boxes !== null) boxes[gap] = boxes[next]
      gap = next
    }
    cells.fill(0, gap * stride, (gap + 1) * stride)
    if (boxes !== null) boxes[gap] = undefined
    segment.count--
    segment.version++
  }

  /** Whether one more record needs {@link grow} first. */
  full(segment: Segment): boolean {
    return segment.count + 1 > segment.slots * LOAD_MAX
  }

  /** Drops what `keep` refuses, and takes more memory if that did not make enough room. */
  grow(segment: Segment, keep: (segment: Segment, slot: number) => boolean): void {
    const { stride } = this
    const old = { ...segment }
    const kept: number[] = []
    for (let slot = 0; slot < old.slots; slot++) {
      if (old.heads[slot * stride * 2 + 2] !== 0 && keep(old, slot)) kept.push(slot)
    }
    const wanted = kept.length < old.slots * LOAD_MAX * 0.75 ? old.slots : larger(old.slots)
    Object.assign(segment, allocate(wanted, stride), { version: old.version + 1, boxes: old.boxes && [] })
    for (const slot of kept) {
      const head = slot * stride * 2
      const target = this.insert(segment, old.heads[head] as number, old.heads[head + 1] as number, 1)
      segment.cells.set(old.cells.subarray(slot * stride, (slot + 1) * stride), target * stride)
      if (old.boxes !== null && segment.boxes !== null) segment.boxes[target] = old.boxes[slot]
    }
  }

  #create(index: number): Segment {
    const segment = { ...allocate(FIRST_SLOTS, this.stride), boxes: null, version: 0 }
    this.#segments[index] = segment
    return segment
  }
}

function allocate(slots: number, stride: number): Pick<Segment, 'cells' | 'heads' | 'slots' | 'count'> {
  const cells = new Float64Array(slots * stride)
  return { cells, heads: new Int32Array(cells.buffer), slots, count: 0 }
}

function larger(slots: number): number {
  return Math.ceil(slots * (slots < COARSE_SLOTS ? 1.5 : 1.25))
}

function home(low: number, slots: number): number {
  return Math.floor(((low >>> 0) * slots) / 2 ** 32)
}
