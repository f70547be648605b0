import type { PolicyOptions } from 'headgate'
import { compileRule } from 'headgate/store'

/** What one rule of a policy lets pass. */
export interface RuleRate {
  readonly rule: string
  readonly limit: number
  readonly windowMs: number
  /** What passes at one instant. */
  readonly capacity: number
}

/** What the rules of a policy let pass, as its file has them: without overrides, and in their order. */
export function ruleRates({ rules }: Pick<PolicyOptions, 'rules'>): RuleRate[] {
  return rules.map((options, i) => {
    const { name, limit, windowMs, capacity } = compileRule(options, `rules[${i}]`)
    return { rule: name, limit, windowMs, capacity }
  })
}
