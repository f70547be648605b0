// biome-ignore-all lint/complexity/useMaxParams: a hot path; an object of arguments would be made for every decision
/** Doubles that the header of a record takes. */
export const HEADER_SIZE = 2

/** Memory of a table: `capacity` slots, each a header and the state of a record. */
interface Storage {
  readonly doubles: Float64Array
  /** The same memory as 32-bit integers. A header is: fingerprint low, high, layout (0 free, -1 moved away), unused. */
  readonly ints: Int32Array
  /** By slot, states of boxed layouts, which have no fixed size; null while there is none. */
  boxes: (Float64Array | undefined)[] | null
  readonly capacity: number
}

/** Memory in which records are read. */
export interface RecordMemory extends Pick<Storage, 'doubles' | 'ints' | 'boxes'> {
  readonly stride: number
}

/** Whether to keep a record when the table is rehashed. */
type Keep = (table: Table, slot: number, now: number) => boolean

const LOAD_FACTOR_MAX = 0.8
const INITIAL_CAPACITY = 64
/** That of a table which is filled at once. */
const RESERVED_LOAD_FACTOR = 0.6
/** Below this capacity a table doubles; above it grows by a quarter, so that less memory is unused. */
const DOUBLING_MAX = 4096
/** Slots rehashed by each save: enough that the rehash ends before the new table is full. */
const REHASH_SLOTS = 16
const MOVED = -1

/**
 * A hash table with open addressing and linear probing, in one typed array. Keys are identified by 64-bit fingerprints;
 * there is no object and no timer per key. It grows by incremental rehashing, a few slots per call, so that no call
 * takes long.
 */
export class Table {
  /** Doubles of state in a record. */
  readonly width: number
  /** Doubles from one slot to the next: header and state. */
  readonly stride: number
  doubles: Float64Array
  ints: Int32Array
  boxes: (Float64Array | undefined)[] | null = null
  capacity: number
  /** Number of records, including those not rehashed yet. */
  count = 0
  /** Incremented by every change that moves or removes a record: slots found before are then invalid. */
  version = 0
  /** The previous memory during a rehash. */
  #old: Storage | null = null
  /** The next slot of the previous memory to rehash. */
  #nextSlot = 0
  #keep: Keep = () => true

  constructor(width: number) {
    this.width = width
    this.stride = HEADER_SIZE + width
    const { doubles, ints, capacity } = allocate(INITIAL_CAPACITY, this.stride)
    this.doubles = doubles
    this.ints = ints
    this.capacity = capacity
  }

  /** Makes an empty table large enough for so many records, which then come in any order: also in that of their hashes. */
  reserve(records: number): void {
    const wanted = Math.max(INITIAL_CAPACITY, (records + 1) / RESERVED_LOAD_FACTOR)
    Object.assign(this, allocate(wanted, this.stride))
    this.version++
  }

  /** Whether a rehash is in progress; then every save calls {@link rehashStep}. */
  get isRehashing(): boolean {
    return this.#old !== null
  }

  /** The layout of the record in a slot; 0 when the slot is free. */
  layoutAt(slot: number): number {
    return this.ints[slot * this.stride * 2 + 2] as number
  }

  /** The slot of a fingerprint, or -1. A record still in the previous memory is moved first. */
  find(low: number, high: number): number {
    const slot = probe(this, this.stride, low, high)
    if (slot >= 0 || this.#old === null) return slot
    const from = probe(this.#old, this.stride, low, high)
    return from < 0 ? -1 : this.#move(this.#old, from)
  }

  /** Adds a record for a fingerprint that is not in the table, with a state of zeros; returns its slot. */
  insert(low: number, high: number, layout: number): number {
    this.count++
    return this.#claimSlot(low, high, layout)
  }

  /** Removes a record and shifts later ones of its probe sequence back, so that no tombstones remain. */
  remove(slot: number): void {
    const { doubles, ints, capacity, boxes, stride } = this
    let gap = slot
    for (let next = (slot + 1) % capacity; ints[next * stride * 2 + 2] !== 0; next = (next + 1) % capacity) {
      const from = probeStart(ints[next * stride * 2] as number, capacity)
      if ((next - from + capacity) % capacity < (next - gap + capacity) % capacity) continue
      doubles.copyWithin(gap * stride, next * stride, (next + 1) * stride)
      if (boxes !== null) boxes[gap] = boxes[next]
      gap = next
    }
    doubles.fill(0, gap * stride, (gap + 1) * stride)
    if (boxes !== null) boxes[gap] = undefined
    this.count--
    this.version++
  }

  /** Whether {@link grow} has to be called before the next {@link insert}. */
  isFull(): boolean {
    return this.count + 1 > this.capacity * LOAD_FACTOR_MAX
  }

  /** Begins a rehash, which drops records that `keep` refuses. Call {@link finishRehash} before. */
  grow(keep: Keep): void {
    const { doubles, ints, boxes, capacity } = this
    this.#old = { doubles, ints, boxes, capacity }
    this.#nextSlot = 0
    this.#keep = keep
    Object.assign(this, allocate(capacity * (capacity < DOUBLING_MAX ? 2 : 1.25), this.stride), {
      boxes: boxes && [],
    })
    this.version++
  }

  /** Rehashes the next slots; returns how many records were dropped. */
  rehashStep(now: number, count: number = REHASH_SLOTS): number {
    const old = this.#old
    if (old === null) return 0
    const before = this.count
    const end = Math.min(old.capacity, this.#nextSlot + count)
    for (; this.#nextSlot < end; this.#nextSlot++) {
      const isTaken = (old.ints[this.#nextSlot * this.stride * 2 + 2] as number) > 0
      if (isTaken) this.#moveOrDrop(old, this.#nextSlot, now)
    }
    if (this.#nextSlot === old.capacity) this.#old = null
    return before - this.count
  }

  /** Rehashes all remaining slots; returns how many records were dropped. */
  finishRehash(now: number): number {
    return this.rehashStep(now, Number.POSITIVE_INFINITY)
  }

  /** Calls `visit` for every record, with the memory and the slot it is in, and its layout; it must not change the table. */
  forEachRecord(visit: (memory: RecordMemory, slot: number, layout: number) => void): void {
    const { stride } = this
    for (const { doubles, ints, boxes, capacity } of this.#old === null ? [this] : [this, this.#old]) {
      const memory = { doubles, ints, boxes, stride }
      for (let slot = 0; slot < capacity; slot++) {
        const layout = ints[slot * stride * 2 + 2] as number
        if (layout > 0) visit(memory, slot, layout)
      }
    }
  }

  /** Moves a record out of the previous memory, or drops it. */
  #moveOrDrop(old: Storage, from: number, now: number): void {
    const slot = this.#move(old, from)
    if (!this.#keep(this, slot, now)) this.remove(slot)
  }

  #move(old: Storage, from: number): number {
    const { stride } = this
    const header = from * stride * 2
    const [low, high, layout] = [old.ints[header], old.ints[header + 1], old.ints[header + 2]] as [
      number,
      number,
      number,
    ]
    const slot = this.#claimSlot(low, high, layout)
    for (let i = HEADER_SIZE; i < stride; i++)
      this.doubles[slot * stride + i] = old.doubles[from * stride + i] as number
    if (old.boxes !== null && this.boxes !== null) this.boxes[slot] = old.boxes[from]
    // Not 0, which would end probe sequences that continue behind this slot.
    old.ints[header + 2] = MOVED
    return slot
  }

  /** Writes a header into the first free slot of the fingerprint's probe sequence. */
  #claimSlot(low: number, high: number, layout: number): number {
    const { ints, capacity } = this
    const step = this.stride * 2
    let slot = probeStart(low, capacity)
    while (ints[slot * step + 2] !== 0) if (++slot === capacity) slot = 0
    ints[slot * step] = low
    ints[slot * step + 1] = high
    ints[slot * step + 2] = layout
    return slot
  }
}

function probe(
  { ints, capacity }: Pick<Storage, 'ints' | 'capacity'>,
  stride: number,
  low: number,
  high: number,
): number {
  const step = stride * 2
  let slot = probeStart(low, capacity)
  for (;;) {
    const header = slot * step
    const layout = ints[header + 2] as number
    if (layout === 0) return -1
    if (ints[header] === low && ints[header + 1] === high && layout !== MOVED) return slot
    if (++slot === capacity) slot = 0
  }
}

function allocate(wanted: number, stride: number): Pick<Storage, 'doubles' | 'ints' | 'capacity'> {
  const capacity = Math.ceil(wanted)
  const doubles = new Float64Array(capacity * stride)
  return { doubles, ints: new Int32Array(doubles.buffer), capacity }
}

/** The first slot of a probe sequence. */
function probeStart(low: number, capacity: number): number {
  return Math.floor(((low >>> 0) * capacity) / 2 ** 32)
}
