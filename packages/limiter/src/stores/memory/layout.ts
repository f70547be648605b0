import type { Rule } from '../../core/rule.ts'
import { HEAD, type Table } from './hash-table.ts'

/** How the state of some rules lies side by side; interned, so that rules of equal identities have the same object. */
export interface Layout {
  /** Number stored with every record of this layout, 1 or more. */
  readonly id: number
  /** False once it was forgotten because no record had it. */
  live: boolean
  readonly name: string
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
  /** The part of a working state that is one rule's. */
  stateOf(state: Float64Array, rule: number): Float64Array
}

/** What makes two rules lie alike: whose state it is, and how much room it takes. */
export function layoutName(rules: readonly Rule[]): string {
  return rules
    .map(({ identity, algorithm, terms }) => `${identity.text} ${algorithm.stateSize(terms)}\n`)
    .join('')
}

/** Describes the layout of rules; `tables` gives the table of a width. */
export function describe(
  name: string,
  rules: readonly Rule[],
  id: number,
  tables: (width: number) => Pick<Layout, 'table' | 'overflow'>,
): Layout {
  const offsets: number[] = []
  let span = 0
  let boxed = false
  for (const { algorithm, terms } of rules) {
    const size = algorithm.stateSize(terms)
    offsets.push(span)
    span += size || (algorithm.variable?.sizeMax ?? 0)
    boxed ||= size === 0
  }
  const width = boxed ? 0 : span
  const stateOf = (state: Float64Array, rule: number): Float64Array =>
    state.subarray(offsets[rule], offsets[rule + 1] ?? span)
  return { id, live: true, name, rules, offsets, span, boxed, width, stateOf, ...tables(width) }
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
    const from = slot * stride + HEAD
    for (let i = 0; i < layout.width; i++) state[base + i] = cells[from + i] as number
    return
  }
  const box = boxes?.[slot] as Float64Array
  let from = 0
  layout.rules.forEach((rule, i) => {
    const size = sizeOf(rule, box, from)
    const start = base + (layout.offsets[i] as number)
    state.fill(0, start, base + (layout.offsets[i + 1] ?? layout.span))
    state.set(box.subarray(from, from + size), start)
    from += size
  })
}

/** Packs the working state of a boxed layout, leaving out the room it does not use. */
export function box(layout: Layout, state: Float64Array, base: number): Float64Array {
  const parts = layout.rules.map((rule, i) => {
    const start = base + (layout.offsets[i] as number)
    return state.subarray(start, start + sizeOf(rule, state, start))
  })
  const packed = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0))
  let end = 0
  for (const part of parts) {
    packed.set(part, end)
    end += part.length
  }
  return packed
}

function sizeOf({ algorithm, terms }: Rule, state: Float64Array, offset: number): number {
  return algorithm.stateSize(terms) || (algorithm.variable?.sizeOf(state, offset) ?? 0)
}
