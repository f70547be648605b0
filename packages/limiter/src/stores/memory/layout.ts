import type { Budget } from '../../core/budget.ts'
import type { Rule } from '../../core/rule.ts'
import { HEAD, type Table } from './table.ts'

/** Room in the working state for an algorithm whose state varies: the largest a sliding log can be. */
const VARIABLE_SPAN = 2048

/** How the state of some rules lies side by side; interned by plan, so that equal plans are the same object. */
export interface Layout {
  /** Number stored with every record of this layout, 1 or more. */
  readonly id: number
  /** False once it was forgotten because no record had it. */
  live: boolean
  readonly plan: string
  readonly rules: readonly Rule[]
  /** Where each rule begins in the working state. */
  readonly offsets: readonly number[]
  /** Numbers of the working state. */
  readonly span: number
  /** Whether records keep their state in a box, because its size varies. */
  readonly boxed: boolean
  /** Numbers of state in the record itself. */
  readonly width: number
  readonly table: Table
  /** Records that newcomers share while the store is at its cap. */
  readonly overflow: Table
}

/** Describes the layout of a plan; `tables` gives the table of a width. */
export function describe(
  plan: string,
  rules: Budget['rules'],
  id: number,
  tables: (width: number) => Pick<Layout, 'table' | 'overflow'>,
): Layout {
  const offsets: number[] = []
  let span = 0
  let boxed = false
  for (const rule of rules) {
    const words = rule.algorithm.words(rule.terms)
    offsets.push(span)
    span += words === 0 ? VARIABLE_SPAN : words
    boxed ||= words === 0
  }
  const width = boxed ? 0 : span
  return { id, live: true, plan, rules, offsets, span, boxed, width, ...tables(width) }
}

/** Copies the state of a record into the working state at `base`. */
export function unpack(
  { boxes, cells, stride }: Table,
  slot: number,
  layout: Layout,
  state: Float64Array,
  base: number,
): void {
  if (!layout.boxed) {
    const at = slot * stride + HEAD
    for (let i = 0; i < layout.width; i++) state[base + i] = cells[at + i] as number
    return
  }
  const box = boxes?.[slot] as Float64Array
  let from = 0
  layout.rules.forEach((rule, i) => {
    const words = rule.algorithm.words(rule.terms) || 1 + (box[from] as number)
    state.set(box.subarray(from, from + words), base + (layout.offsets[i] as number))
    from += words
  })
}

/** Packs the working state of a boxed layout, leaving out the room it does not use. */
export function box(layout: Layout, state: Float64Array, base: number): Float64Array {
  const parts = layout.rules.map((rule, i) => {
    const at = base + (layout.offsets[i] as number)
    return state.subarray(at, at + (rule.algorithm.words(rule.terms) || 1 + (state[at] as number)))
  })
  const packed = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    packed.set(part, at)
    at += part.length
  }
  return packed
}
