import type { Rule } from '../../core/rule.ts'

/** What of one rule a script is made for: never its numbers. */
export interface ShapeRule {
  /** Kind of the algorithm, by which its fragments are found. */
  readonly kind: string
  /** Terms beyond those its fragments name: a custom algorithm's own. */
  readonly moreTerms: number
  /** Numbers of a custom algorithm's state. */
  readonly words: number
  readonly custom: boolean
}

/** The rules of each request of a decision, in canonical order: one script decides all decisions of a shape. */
export interface Shape {
  readonly name: string
  readonly requests: readonly (readonly ShapeRule[])[]
}

/** Shape of a rule; `named` is how many terms its fragments name. */
export function shapeRule({ algorithm, terms }: Rule, named: number): ShapeRule {
  const { kind, custom = false } = algorithm
  if (!custom) return { kind, moreTerms: 0, words: 0, custom }
  const words = algorithm.stateSize(terms) - CUSTOM_HEAD
  return { kind, moreTerms: algorithm.luaTerms(terms, 0).length - named, words, custom }
}

/** Incarnation, end and last spend of a custom algorithm's state, which stand in the front of its record. */
const CUSTOM_HEAD = 3

/** One line that names the rules of a request: kinds, and of custom algorithms how many numbers they have. */
export function nameOf(rules: readonly ShapeRule[]): string {
  return rules
    .map(({ kind, custom, moreTerms, words }) => (custom ? `${kind}/${moreTerms}/${words}` : kind))
    .join(',')
}
