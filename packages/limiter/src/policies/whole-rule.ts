import { invalid, wrong, wrongKey } from '../core/errors.ts'
import { escapeText } from '../core/key.ts'
import { type Algorithms, checkName, compileRule, type RuleOptions } from '../core/rule.ts'
import { CALL_RATES } from '../core/state-identity.ts'
import { createPolicyBudget, type PolicyBudget } from './policy-budget.ts'
import type { RequestAttributes } from './request-attributes.ts'

/** A rule that comes with a call, and the name under which its budgets are kept. */
export interface WholeRule {
  readonly policy: string
  readonly rule: RuleOptions
}

/** The rule of a call; what does not go with it is refused. */
export function wholeRuleOf(
  { limit, policy, rule }: { readonly limit?: unknown } & Partial<WholeRule>,
  isConfigured: (policy: string) => boolean,
): WholeRule {
  if (limit !== undefined)
    throw invalid('options.limit', 'a rule of the call has its own; give one of the two')
  if (policy === undefined) throw invalid('options.policy', 'name what the rule of the call counts under')
  if (isConfigured(policy)) {
    const fix = 'a rule of the call counts under another name'
    throw wrong(policy, `is a configured policy; ${fix}`, 'options.policy')
  }
  return { policy, rule: rule as RuleOptions }
}

/** The budget of such a rule. Its rule is named by its window, and counts among the windows that calls bring to a key. */
export function wholeRuleBudget({ policy, rule }: WholeRule, custom: Algorithms): PolicyBudget {
  checkName(policy, 'options.policy')
  if (rule?.name !== undefined)
    throw wrong(rule.name, 'names a rule that is named by its window; leave it out', 'options.rule.name')
  const compiled = compileRule(rule, 'options.rule', {
    algorithms: custom,
    stateName: CALL_RATES,
    byCall: true,
  })
  const source = { inForce: [compiled], override: -1, limit: [], rule: Object.freeze({ ...rule }) }
  return createPolicyBudget({ name: policy, rules: [] }, [compiled], source)
}

/** The key that a whole rule counts under: the attribute `key`. */
export function wholeRuleKey(request: RequestAttributes): string {
  const key = request.text('key')
  if (key !== undefined) return escapeText(key)
  throw wrongKey(key, 'is no key for a rule of the call; pass a text, or attributes with a key')
}
