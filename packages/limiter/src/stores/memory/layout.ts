// biome-ignore-all lint/complexity/useMaxParams: a hot path; an object of arguments would be made for every decision
import type { Rule } from '../../core/rule.ts'
import { HEADER_SIZE, type RecordMemory, type Table } from './hash-table.ts'
import { standingRule } from './standing-rule.ts'

/**
 * How the states of some rules are laid out in one record; interned, so that rules of equal identities share one
 * object.
 */
export interface Layout {
  /** Stored in the header of every record of this layout; 1 or more. */
  readonly id: number
  /** False once the layout was purged because no record had it. */
  live: boolean
  readonly name: string
  readonly rules: readonly Rule[]
  /** Offset of each rule's state in a working copy. */
  readonly offsets: readonly number[]
  /** Offset of the key's standing, which is the last of {@link rules}; -1 if it has none. */
  readonly standingAt: number
  /** Doubles of a working copy. */
  readonly workingSize: number
  /** Whether the state is an array of its own outside the table, because its size varies. */
  readonly boxed: boolean
  /** Doubles of state in the table; 0 if boxed. */
  readonly width: number
  readonly table: Table
  /** Records that newcomers share while the store is at its key limit. */
  readonly overflow: Table
  /** The part of a working copy that is the state of one rule, by its index. */
  stateOf(state: Float64Array, rule: number): Float64Array
}

/** Equal for rules that share a layout: the identity and state size of each. */
export function layoutName(rules: readonly Rule[]): string {
  return rules
    .map(({ identity, algorithm, terms }) => `${identity.text} ${algorithm.stateSize(terms)}\n`)
    .join('')
}

/** Lays out rules; `tablesOf` returns the tables of a width. */
export function createLayout(
  rules: readonly Rule[],
  id: number,
  tablesOf: (width: number) => Pick<Layout, 'table' | 'overflow'>,
): Layout {
  const offsets: number[] = []
  let workingSize = 0
  let boxed = false
  for (const { algorithm, terms } of rules) {
    const size = algorithm.stateSize(terms)
    offsets.push(workingSize)
    workingSize += size || (algorithm.variable?.sizeMax ?? 0)
    boxed ||= size === 0
  }
  const width = boxed ? 0 : workingSize
  const stateOf = (state: Float64Array, rule: number): Float64Array =>
    state.subarray(offsets[rule], offsets[rule + 1] ?? workingSize)
  const standingAt = rules.at(-1) === standingRule ? (offsets.at(-1) as number) : -1
  const sizes = { offsets, standingAt, workingSize, boxed, width }
  return { id, live: true, name: layoutName(rules), rules, ...sizes, stateOf, ...tablesOf(width) }
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
    const size = sizeOf(rule, box, from)
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
