// biome-ignore-all lint/complexity/useMaxParams: a hot path; an object of arguments would be made for every decision
/**
 * States of rules as records have them: without their unused ends. Where there are several, one whose size varies begins with its size;
 * one alone tells it by what it is.
 */

import type { Algorithm } from '../../core/algorithm.ts'
import type { Rule } from '../../core/rule.ts'
import type { RecordLayout } from '../local/record-layout.ts'
import { NEVER_ENDS } from './records.ts'

/** Most numbers that working copies of a layout take once packed. */
export function packedMax({ workingSize, rules }: RecordLayout): number {
  return workingSize + rules.length
}

/** Packs a working copy into `packed`; returns how many numbers it takes. */
export function pack(layout: RecordLayout, state: Float64Array, base: number, packed: Float64Array): number {
  const { rules, offsets } = layout
  const isAlone = rules.length === 1
  let end = 0
  for (let r = 0; r < rules.length; r++) {
    const rule = rules[r] as (typeof rules)[number]
    const begin = base + (offsets[r] as number)
    const size = sizeInUse(rule, state, begin)
    if (!isAlone && isVariable(rule)) packed[end++] = size
    for (let i = 0; i < size; i++) packed[end++] = state[begin + i] as number
  }
  return end
}

/** Makes a working copy of what {@link pack} has packed. */
export function unpack(layout: RecordLayout, packed: Float64Array, state: Float64Array, base: number): void {
  const { rules, offsets, workingSize } = layout
  const isAlone = rules.length === 1
  let from = 0
  for (let r = 0; r < rules.length; r++) {
    const rule = rules[r] as (typeof rules)[number]
    const begin = base + (offsets[r] as number)
    const end = base + (offsets[r + 1] ?? workingSize)
    let size = end - begin
    if (isVariable(rule)) size = isAlone ? sizeInUse(rule, packed, 0) : (packed[from++] as number)
    const last = Math.min(begin + size, end)
    for (let i = begin; i < last; i++) state[i] = packed[from++] as number
    if (last < end) state.fill(0, last, end)
  }
}

/** Second since 1970 from which on all states of a working copy have recovered. */
export function endOf(layout: RecordLayout, state: Float64Array, base: number): number {
  const { rules, offsets } = layout
  let end = 0
  for (let r = 0; r < rules.length; r++) {
    const { algorithm, terms } = rules[r] as (typeof rules)[number]
    const recoversAt = algorithm.recoversAt(terms, state, base + (offsets[r] as number))
    if (recoversAt > end) end = recoversAt
  }
  return secondAfter(end)
}

/** The second since 1970 at which a time in microseconds is over, as far as records can tell. */
export function secondAfter(us: number): number {
  return Math.min(NEVER_ENDS, Math.ceil(us / 1_000_000))
}

/** How many numbers of a state are in use. */
export function sizeInUse({ algorithm, terms }: Rule, state: Float64Array, offset: number): number {
  return algorithm.variable === undefined
    ? algorithm.stateSize(terms)
    : algorithm.variable.sizeOf(state, offset)
}

function isVariable({ algorithm }: { readonly algorithm: Algorithm }): boolean {
  return algorithm.variable !== undefined
}
