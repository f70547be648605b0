import type { RuleText } from './rule-text.ts'

/** Names of the fragments in standing.lua. */
export type StandingFragment = 'read' | 'fresh' | 'barred' | 'offend' | 'spend' | 'undo' | 'pack'

/** The rules of one request of a shape, and where a script holds their variables. */
export interface RequestText {
  readonly rules: readonly RuleText[]
  /** Whether its policy bans. */
  readonly bans: boolean
  /** The Lua variable that is false where a rule of this request does not pass; rules in shadow by themselves have none. */
  readonly together: string
  /** Lua that declares a rule's variables and reads them from tables; empty where they are in scope anyway. */
  bind(rule: RuleText): string
  /** Lua that writes a rule's variables back to the tables; empty where there are none. */
  save(rule: RuleText): string
  /** Lua of a fragment on the standing of its key, as text or as the call of a function; see `standing-block.ts`. */
  standing(name: StandingFragment, held?: string): string
  /** Lua expressions of a rule's id, its identity text, and 1 if its rate came with a call. */
  identity(rule: RuleText): string
}

/** Numbers of the verbs in a call; an attempt is a consume whose denial is no offence. */
export const VERBS = { consume: 1, peek: 2, charge: 3, credit: 4, acquire: 5, refund: 6, attempt: 7 } as const

/**
 * The rules whose records usually begin at fixed offsets: all up to the first one whose size varies, if every
 * variable is in scope. Their fixed parts are read with one `unpack` and written with one `SETRANGE`.
 */
export function leadingRules({ rules, bind }: RequestText): readonly RuleText[] {
  if (rules.some((rule) => bind(rule) !== '')) return []
  const varying = rules.findIndex((rule) => rule.has('tail'))
  const leading = varying === -1 ? rules : rules.slice(0, varying + 1)
  return leading.length > 1 ? leading : []
}

/**
 * Lua that is true where a rule spends, given that the decision admits the request. `held` is the variable for how long
 * something stands against the key, which stops what is in shadow as well.
 */
export function spendsText({ together }: RequestText, rule: RuleText, held?: string): string {
  if (rule.shape.role !== 'alone') return together
  const passes = rule.named('$wait == 0')
  return together === ADMITS || held === undefined ? passes : `${passes} and ${held} == 0`
}

/** Lua that makes `cost` the units that a rule has to have; it belongs into a block of its own. */
export function neededText({ shape }: RuleText): string {
  return shape.overdraw ? 'local cost = cost > 1 and 1 or cost\n' : ''
}

/** The Lua variable of the rules that can deny a decision. */
export const ADMITS = 'passes'
