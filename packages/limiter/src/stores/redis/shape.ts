import type { Budget } from '../../core/budget.ts'
import type { Rule } from '../../core/rule.ts'

/**
 * What a rule has to do with the decision: it can deny it; it is one of a policy in shadow, which spend together where all
 * of them pass; or it is in shadow by itself.
 */
export type Role = 'enforced' | 'together' | 'alone'

/** What a script depends on of one rule: never its numbers. */
export interface ShapeRule {
  /** Kind of the algorithm, which selects its fragments. */
  readonly kind: string
  /** Terms of a custom algorithm beyond the `capacity` that its fragments name. */
  readonly moreTerms: number
  /** Numbers of a custom algorithm's state. */
  readonly words: number
  readonly custom: boolean
  readonly role: Role
  /** Whether one unit is enough for a cost to pass. */
  readonly overdraw: boolean
}

/** The rules of each request of a decision, in canonical order. One script makes all decisions of a shape. */
export interface Shape {
  readonly name: string
  readonly requests: readonly (readonly ShapeRule[])[]
  /** For each request, whether its policy bans. */
  readonly bans: readonly boolean[]
}

/** Shape of a rule of a budget; `named` is how many terms its fragments name. */
export function shapeRule({ algorithm, terms, shadow }: Rule, budget: Budget, named: number): ShapeRule {
  const { kind, custom = false } = algorithm
  const role = shadow ? 'alone' : budget.enforces ? 'enforced' : 'together'
  const { overdraw } = budget
  if (!custom) return { kind, moreTerms: 0, words: 0, custom, role, overdraw }
  const words = algorithm.stateSize(terms) - CUSTOM_HEAD
  return { kind, moreTerms: algorithm.luaTerms(terms, 0).length - named, words, custom, role, overdraw }
}

/** Incarnation, end and last spend: numbers of a custom algorithm's state that a record holds in its header. */
const CUSTOM_HEAD = 3

/**
 * The shape of a decision of one request. Rules that spend together and decide nothing do what enforced ones do: the keys
 * that are inside and outside of a rollout travel in one call.
 */
export function shapeAlone(rules: readonly ShapeRule[]): readonly ShapeRule[] {
  if (rules.some(({ role }) => role === 'alone')) return rules
  return rules.map((rule) => ({ ...rule, role: 'enforced' }))
}

/** The shape of requests in canonical order, of which those at the same index in `bans` are of policies that ban. */
export function shapeOfRequests(
  requests: Shape['requests'],
  bans: Shape['bans'] = requests.map(() => false),
): Shape {
  const names = requests.map((rules, i) => nameOf(rules, bans[i] === true))
  return { name: names.join(' | '), requests, bans }
}

const MARKS: Readonly<Record<Role, string>> = { enforced: '', together: '=', alone: '~' }

/**
 * One line that names the rules of a request: kinds, with the counts of a custom algorithm's numbers, and marks for roles and
 * overdraw; behind them `!` where its policy bans.
 */
export function nameOf(rules: readonly ShapeRule[], bans: boolean): string {
  const names = rules.map(({ kind, custom, moreTerms, words, role, overdraw }) => {
    const name = custom ? `${kind}/${moreTerms}/${words}` : kind
    return `${name}${MARKS[role]}${overdraw ? '+' : ''}`
  })
  return names.join(',') + (bans ? '!' : '')
}
