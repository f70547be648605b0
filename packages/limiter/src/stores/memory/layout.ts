// biome-ignore-all lint/complexity/useMaxParams: a hot path; an object of arguments would be made for every decision
import type { Rule } from '../../core/rule.ts'
import { type RecordLayout, recordLayout, usedSize } from '../local/record-layout.ts'
import { HEADER_SIZE, type RecordMemory, type Table } from './hash-table.ts'

/** A layout in the tables of a store; interned, so that rules of equal identities share one object. */
export interface Layout extends RecordLayout {
  /** Stored in the header of every record of this layout; 1 or more. */
  readonly id: number
  /** False once the layout was purged because no record had it. */
  live: boolean
  /** Doubles of state in the table; 0 if boxed, which makes the state an array of its own outside the table. */
  readonly width: number
  readonly table: Table
  /** Records that newcomers share while the store is at its key limit. */
  readonly overflow: Table
}

/** Lays out rules; `tablesOf` returns the tables of a width. */
export function createLayout(
  rules: readonly Rule[],
  id: number,
  tablesOf: (width: number) => Pick<Layout, 'table' | 'overflow'>,
): Layout {
  const layout = recordLayout(rules)
  const width = layout.boxed ? 0 : layout.workingSize
  return { ...layout, id, live: true, width, ...tablesOf(width) }
}

/** Copies the state of a record into a working copy, which begins at `base` of `state`. */
export function unpack(
  { boxes, doubles, stride }: Pick<RecordMemory, 'boxes' | 'doubles' | 'stride'>,
  slot: number,
  layout: Layout,
  state: Float64Array,
  base: number,
): void {
  if (!layout.boxed) {
    const from = slot * stride + HEADER_SIZE
    for (let i = 0; i < layout.width; i++) state[base + i] = doubles[from + i] as number
    return
  }
  const box = boxes?.[slot] as Float64Array
  let from = 0
  layout.rules.forEach((rule, i) => {
    const size = usedSize(rule, box, from)
    const start = base + (layout.offsets[i] as number)
    state.fill(0, start, base + (layout.offsets[i + 1] ?? layout.workingSize))
    state.set(box.subarray(from, from + size), start)
    from += size
  })
}

/** Packs a working copy of a boxed layout: each rule's state without its unused end. */
export function packBoxed(layout: Layout, state: Float64Array, base: number): Float64Array {
  const parts = layout.rules.map((rule, i) => {
    const start = base + (layout.offsets[i] as number)
    return state.subarray(start, start + usedSize(rule, state, start))
  })
  const packed = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0))
  let end = 0
  for (const part of parts) {
    packed.set(part, end)
    end += part.length
  }
  return packed
}
