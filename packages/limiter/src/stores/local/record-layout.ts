// biome-ignore-all lint/complexity/useMaxParams: a hot path; an object of arguments would be made for every decision
import type { Rule } from '../../core/rule.ts'
import { standingRule } from './standing-rule.ts'

/** How the states of some rules are laid out in one record. */
export interface RecordLayout {
  readonly name: string
  readonly rules: readonly Rule[]
  /** Offset of each rule's state in a working copy. */
  readonly offsets: readonly number[]
  /** Offset of the key's standing, which is the last of {@link rules}; -1 if it has none. */
  readonly standingAt: number
  /** Doubles of a working copy. */
  readonly workingSize: number
  /** Whether some rule's state has no fixed size. */
  readonly boxed: boolean
  /** The part of a working copy that is the state of one rule, by its index. */
  stateOf(state: Float64Array, rule: number): Float64Array
}

/** The states of one record, laid out. */
export interface LaidOut<L extends RecordLayout> {
  readonly layout: L
  readonly state: Float64Array
}

/** Equal for rules that share a layout: the identity and state size of each. */
export function layoutName(rules: readonly Rule[]): string {
  return rules
    .map(({ identity, algorithm, terms }) => `${identity.text} ${algorithm.stateSize(terms)}\n`)
    .join('')
}

/** Lays out the states of rules, one behind the other. */
export function recordLayout(rules: readonly Rule[]): RecordLayout {
  const offsets: number[] = []
  let workingSize = 0
  let boxed = false
  for (const { algorithm, terms } of rules) {
    const size = algorithm.stateSize(terms)
    offsets.push(workingSize)
    workingSize += size || (algorithm.variable?.sizeMax ?? 0)
    boxed ||= size === 0
  }
  const stateOf = (state: Float64Array, rule: number): Float64Array =>
    state.subarray(offsets[rule], offsets[rule + 1] ?? workingSize)
  const standingAt = rules.at(-1) === standingRule ? (offsets.at(-1) as number) : -1
  return { name: layoutName(rules), rules, offsets, standingAt, workingSize, boxed, stateOf }
}

/** How many doubles of a rule's state have to be kept, as the state itself tells. */
export function usedSize({ algorithm, terms }: Rule, state: Float64Array, offset: number): number {
  return algorithm.stateSize(terms) || (algorithm.variable?.sizeOf(state, offset) ?? 0)
}

/** For layouts of one rule whose state grows within a fixed size: how much of it is in use; null for all others. */
export function sizeOfOnlyRule({
  rules,
  boxed,
}: RecordLayout): ((state: Float64Array, offset: number) => number) | null {
  return (!boxed && rules.length === 1 && rules[0]?.algorithm.variable?.sizeOf) || null
}
