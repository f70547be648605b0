/** Numbers of the header of a record: fingerprint and layout. */
export const HEAD = 2

/** Memory of a table: records side by side, each a header and its state. */
interface Storage {
  readonly cells: Float64Array
  /** The same memory as 32-bit numbers: fingerprint low, high, layout (0 where free, -1 where moved away), 0. */
  readonly heads: Int32Array
  /** State of layouts whose size varies, by slot; null while there is none. */
  boxes: (Float64Array | undefined)[] | null
  readonly slots: number
}

/** Whether a record is worth keeping when the table is moved. */
type Keep = (table: Table, slot: number, now: number) => boolean

const LOAD_MAX = 0.8
const FIRST_SLOTS = 64
/** Below this a table doubles; above it grows by a quarter, so that memory stays close to what is used. */
const COARSE_SLOTS = 4096
/** Slots moved by each call while the table moves: enough to be done before it is full again. */
const MOVED_PER_STEP = 16
const MOVED = -1

/**
 * Open addressing with linear probing in one run of memory; keys are known by 64-bit fingerprints, and no object and
 * no timer exists per key. It grows by moving to more memory a few slots a call, so that no call waits for the rest.
 */
export class Table {
  /** Numbers of state a record has. */
  readonly width: number
  readonly stride: number
  cells: Float64Array
  heads: Int32Array
  boxes: (Float64Array | undefined)[] | null = null
  slots: number
  /** Records, those not moved yet included. */
  count = 0
  /** Counts every change that moves or removes a record. */
  version = 0
  #old: Storage | null = null
  #cursor = 0
  #keep: Keep = () => true

  constructor(width: number) {
    this.width = width
    this.stride = HEAD + width
    const { cells, heads, slots } = allocate(FIRST_SLOTS, this.stride)
    this.cells = cells
    this.heads = heads
    this.slots = slots
  }

  /** Whether the table is moving to more memory; then every call should {@link step}. */
  get moving(): boolean {
    return this.#old !== null
  }

  /** The layout of the record in a slot; 0 when the slot is free. */
  layoutAt(slot: number): number {
    return this.heads[slot * this.stride * 2 + 2] as number
  }

  /** The slot of a fingerprint, or -1. A record that has not moved yet is moved. */
  find(low: number, high: number): number {
    const slot = probe(this, this.stride, low, high)
    if (slot >= 0 || this.#old === null) return slot
    const from = probe(this.#old, this.stride, low, high)
    return from < 0 ? -1 : this.#move(this.#old, from)
  }

  /** Takes a free slot for a fingerprint that is not in the table; its state is zeros. */
  insert(low: number, high: number, layout: number): number {
    this.count++
    return this.#place(low, high, layout)
  }

  /** Removes a record and closes the gap, so that no marks of removed records are left behind. */
  remove(slot: number): void {
    const { cells, heads, slots, boxes, stride } = this
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
    this.count--
    this.version++
  }

  /** Whether one more record needs {@link grow} first. */
  full(): boolean {
    return this.count + 1 > this.slots * LOAD_MAX
  }

  /** Begins to move to more memory; on the way, records that `keep` refuses are dropped. Call {@link finish} before. */
  grow(keep: Keep): void {
    const { cells, heads, boxes, slots } = this
    this.#old = { cells, heads, boxes, slots }
    this.#cursor = 0
    this.#keep = keep
    Object.assign(this, allocate(slots * (slots < COARSE_SLOTS ? 2 : 1.25), this.stride), {
      boxes: boxes && [],
    })
    this.version++
  }

  /** Moves the next few slots, in the order of memory; returns how many records were dropped. */
  step(now: number, slots: number = MOVED_PER_STEP): number {
    const old = this.#old
    if (old === null) return 0
    const before = this.count
    const end = Math.min(old.slots, this.#cursor + slots)
    for (; this.#cursor < end; this.#cursor++) {
      if ((old.heads[this.#cursor * this.stride * 2 + 2] as number) > 0) this.#settle(old, this.#cursor, now)
    }
    if (this.#cursor === old.slots) this.#old = null
    return before - this.count
  }

  /** Moves all that is left; returns how many records were dropped. */
  finish(now: number): number {
    return this.step(now, Number.POSITIVE_INFINITY)
  }

  /** Adds the layouts of all records to a set. */
  collectLayouts(into: Set<number>): void {
    for (const { heads, slots } of this.#old === null ? [this] : [this, this.#old]) {
      for (let slot = 0; slot < slots; slot++) into.add(heads[slot * this.stride * 2 + 2] as number)
    }
  }

  /** Moves a record, or drops it when it is not worth keeping. */
  #settle(old: Storage, from: number, now: number): void {
    const slot = this.#move(old, from)
    if (!this.#keep(this, slot, now)) this.remove(slot)
  }

  #move(old: Storage, from: number): number {
    const { stride } = this
    const head = from * stride * 2
    const [low, high, layout] = [old.heads[head], old.heads[head + 1], old.heads[head + 2]] as [
      number,
      number,
      number,
    ]
    const slot = this.#place(low, high, layout)
    for (let i = HEAD; i < stride; i++) this.cells[slot * stride + i] = old.cells[from * stride + i] as number
    if (old.boxes !== null && this.boxes !== null) this.boxes[slot] = old.boxes[from]
    // The slot stays taken, lest it break the way to records beyond it.
    old.heads[head + 2] = MOVED
    return slot
  }

  #place(low: number, high: number, layout: number): number {
    const { heads, slots } = this
    const step = this.stride * 2
    let slot = home(low, slots)
    while (heads[slot * step + 2] !== 0) if (++slot === slots) slot = 0
    heads[slot * step] = low
    heads[slot * step + 1] = high
    heads[slot * step + 2] = layout
    return slot
  }
}

function probe(
  { heads, slots }: Pick<Storage, 'heads' | 'slots'>,
  stride: number,
  low: number,
  high: number,
): number {
  const step = stride * 2
  let slot = home(low, slots)
  for (;;) {
    const head = slot * step
    const layout = heads[head + 2] as number
    if (layout === 0) return -1
    if (heads[head] === low && heads[head + 1] === high && layout !== MOVED) return slot
    if (++slot === slots) slot = 0
  }
}

function allocate(wanted: number, stride: number): Pick<Storage, 'cells' | 'heads' | 'slots'> {
  const slots = Math.ceil(wanted)
  const cells = new Float64Array(slots * stride)
  return { cells, heads: new Int32Array(cells.buffer), slots }
}

function home(low: number, slots: number): number {
  return Math.floor(((low >>> 0) * slots) / 2 ** 32)
}
