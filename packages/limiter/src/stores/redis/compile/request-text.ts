import type { RuleText } from './rule-text.ts'
import type { StandingFragment } from './standing.ts'

/** The rules of one request of a shape, and where a script holds their variables. */
export interface RequestText {
  readonly rules: readonly RuleText[]
  /** Whether its policy bans. */
  readonly bans: boolean
  /** Lua that declares a rule's variables and reads them from tables; empty where they are in scope anyway. */
  bind(rule: RuleText): string
  /** Lua that writes a rule's variables back to the tables; empty where there are none. */
  save(rule: RuleText): string
  /** Lua of a fragment on the standing of its key, as text or as the call of a function; see `standing.ts`. */
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
