import type { CustomAlgorithm } from '../core/algorithm.ts'
import { registered } from '../core/algorithms/registered.ts'
import type { CrowdedRule } from '../core/crowded-rule.ts'
import type { PolicyOptions } from '../core/policy-options.ts'
import type { Policy, PolicyForm } from './compile-policy.ts'
import { describeRule, type RuleDescription } from './describe-rule.ts'
import { PolicySet } from './policy-set.ts'
import { crowdedRuleOf } from './window-warning.ts'

/** What policies may name. */
export interface CompileOptions {
  /** Algorithms of your own, as given to the limiter. */
  readonly algorithms?: readonly CustomAlgorithm[]
  /** Names of stores, where there are several. */
  readonly stores?: readonly string[]
}

/** The rules of a policy, or of a policy with the changes of one override. */
export interface PolicyVariant {
  readonly rules: readonly RuleDescription[]
}

/** A compiled policy, described. */
export interface PolicyView extends PolicyVariant {
  readonly name: string
  /** One for each override, in their order. */
  readonly overrides: readonly PolicyVariant[]
  /** The first rule of which a key may hold more windows, or bucket rates, than it keeps; null where none has. */
  readonly crowded: CrowdedRule | null
}

/**
 * Checks policies as a limiter would, without a limiter, and describes them. A mistake is a `HeadgateError` that names its
 * path, as in `policies[0].rules[1].limit`.
 */
export function compilePolicies(
  policies: readonly PolicyOptions[],
  { algorithms, stores }: CompileOptions = {},
): PolicyView[] {
  const custom = registered(algorithms, 'options.algorithms')
  return new PolicySet({ policies }, { custom, stores }).policies.map(viewOf)
}

function viewOf(policy: Policy): PolicyView {
  const { name, options, overrides } = policy
  const variantOf = ({ rules }: PolicyForm): PolicyVariant => ({
    rules: rules.map((rule) => describeRule(rule, options.lease)),
  })
  const crowded = crowdedRuleOf(policy) ?? null
  return { name, ...variantOf(policy), overrides: overrides.map(variantOf), crowded }
}
