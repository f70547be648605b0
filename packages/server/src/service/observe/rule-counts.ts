/** What one rule of a policy denied, or would have. */
export interface RuleCounts {
  readonly denied: number
  readonly shadowDenied: number
}

/** By the names of rules. Null: those that had no counter left, or are no longer there. */
export type CountsByRule = ReadonlyMap<string | null, RuleCounts>

type Counts = { -readonly [name in keyof RuleCounts]: RuleCounts[name] }

/** Most rules of a policy with a counter of their own: calls may bring rules of any name. */
const RULES_MAX = 32

/** Counts denials by rule. */
export class RuleBook {
  readonly #rules: Map<string | null, Counts>

  /** Goes on from what was counted before. */
  constructor(counted: CountsByRule = new Map()) {
    this.#rules = new Map([...counted].map(([rule, counts]) => [rule, { ...counts }]))
  }

  add(rule: string, outcome: keyof RuleCounts): void {
    const name = this.#rules.has(rule) || this.#rules.size < RULES_MAX ? rule : null
    const counts = this.#rules.get(name) ?? { denied: 0, shadowDenied: 0 }
    this.#rules.set(name, counts)
    counts[outcome]++
  }

  part(): CountsByRule {
    return new Map([...this.#rules].map(([rule, counts]) => [rule, { ...counts }]))
  }
}

/** What several threads counted together. */
export function mergeRules(parts: readonly CountsByRule[]): CountsByRule {
  const merged = new Map<string | null, RuleCounts>()
  for (const [rule, { denied, shadowDenied }] of parts.flatMap((part) => [...part])) {
    const known = merged.get(rule)
    const sum = {
      denied: (known?.denied ?? 0) + denied,
      shadowDenied: (known?.shadowDenied ?? 0) + shadowDenied,
    }
    merged.set(rule, sum)
  }
  return merged
}

/** The same with all rules but these as without a name. */
export function withoutRules(rules: CountsByRule, names: ReadonlySet<string>): CountsByRule {
  const named = [...rules].map(([rule, counts]) => {
    return new Map([[rule !== null && names.has(rule) ? rule : null, counts]])
  })
  return mergeRules(named)
}
