import type { RuleText } from './rule-text.ts'

/** The rules of one request of a shape, and how a script holds what it knows of them. */
export interface RequestText {
  readonly rules: readonly RuleText[]
  /** Declares a rule's names and gives them their values, where these lie in tables. */
  bind(rule: RuleText): string
  /** Puts what a rule's names hold back into the tables. */
  keep(rule: RuleText): string
  /** A rule's id, the text of its identity, and whether its rate came with a call: what `adopt` knows it by. */
  known(rule: RuleText): string
}

/** Verbs as they travel. */
export const VERBS = { consume: 1, peek: 2, charge: 3, credit: 4, acquire: 5, refund: 6 } as const

/**
 * The rules whose records mostly stand at places known beforehand: those up to the first whose size varies, where all
 * names are in scope. They are read, and written, in one step.
 */
export function frontRules({ rules, bind }: RequestText): readonly RuleText[] {
  if (rules.some((rule) => bind(rule) !== '')) return []
  const varying = rules.findIndex((rule) => rule.has('tail'))
  const front = varying === -1 ? rules : rules.slice(0, varying + 1)
  return front.length > 1 ? front : []
}
