import type { Rule } from '../../core/rule.ts'

/** What a script depends on of one rule: never its numbers. */
export interface ShapeRule {
  /** Kind of the algorithm, which selects its fragments. */
  readonly kind: string
  /** Terms of a custom algorithm beyond the `capacity` that its fragments name. */
  readonly moreTerms: number
  /** Numbers of a custom algorithm's state. */
  readonly words: number
  readonly custom: boolean
}

/** The rules of each request of a decision, in canonical order. One script makes all decisions of a shape. */
export interface Shape {
  readonly name: string
  readonly requests: readonly (readonly ShapeRule[])[]
  /** For each request, whether its policy bans. */
  readonly bans: readonly boolean[]
}

/** Shape of a rule; `named` is how many terms its fragments name. */
export function shapeRule({ algorithm, terms }: Rule, named: number): ShapeRule {
  const { kind, custom = false } = algorithm
  if (!custom) return { kind, moreTerms: 0, words: 0, custom }
  const words = algorithm.stateSize(terms) - CUSTOM_HEAD
  return { kind, moreTerms: algorithm.luaTerms(terms, 0).length - named, words, custom }
}

/** Incarnation, end and last spend: numbers of a custom algorithm's state that a record holds in its header. */
const CUSTOM_HEAD = 3

/** The shape of requests in canonical order, of which those at the same index in `bans` are of policies that ban. */
export function shapeOfRequests(
  requests: Shape['requests'],
  bans: Shape['bans'] = requests.map(() => false),
): Shape {
  const names = requests.map((rules, i) => nameOf(rules, bans[i] === true))
  return { name: names.join(' | '), requests, bans }
}

/**
 * One line that names the rules of a request: kinds, with the counts of a custom algorithm's numbers; behind them `!` where its
 * policy bans.
 */
export function nameOf(rules: readonly ShapeRule[], bans: boolean): string {
  const names = rules.map(({ kind, custom, moreTerms, words }) =>
    custom ? `${kind}/${moreTerms}/${words}` : kind,
  )
  return names.join(',') + (bans ? '!' : '')
}
