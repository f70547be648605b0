import type { CustomAlgorithm } from '../core/algorithm.ts'
import { registered } from '../core/algorithms/custom-by-name.ts'
import type { CrowdedRule } from '../core/crowded-rule.ts'
import type { PolicyOptions } from '../core/policy-options.ts'
import type { CompiledVariant, Policy } from './compile-policy.ts'
import { describeRule, type RuleDescription } from './describe-rule.ts'
import { PolicySet } from './policy-set.ts'
import { crowdedRuleOf } from './window-warning.ts'

/** What policies may refer to by name. */
export interface CompileOptions {
  /**
   * Algorithms of your own, as passed to `createLimiter`.
   * @default none
   */
  readonly algorithms?: readonly CustomAlgorithm[]
  /**
   * Names of the stores that policies may use, as passed to `namedStores`.
   * @default none: a policy with a `store` is an error
   */
  readonly stores?: readonly string[]
}

/** The rules of a policy, or of a policy with the changes of one override. */
export interface PolicyVariant {
  readonly rules: readonly RuleDescription[]
}

/** The description of a policy, made from its compiled rules. */
export interface PolicyView extends PolicyVariant {
  readonly name: string
  /** Its rules in shadow, which count beside the others. */
  readonly shadow: readonly RuleDescription[]
  /** One for each override, in order. */
  readonly overrides: readonly PolicyVariant[]
  /**
   * The first rule that has more windows (for a bucket: rates), overrides included, than the 5 that a key keeps; null where
   * there is none.
   */
  readonly crowded: CrowdedRule | null
}

/**
 * Checks policies as `createLimiter` does, without creating a limiter, and describes them. A mistake is a `HeadgateError`
 * whose `path` says where it is, such as `policies[0].rules[1].limit`.
 *
 * ```ts
 * const [view] = compilePolicies([{ name: 'api', rules: ['100/min'] }])
 * view?.rules[0]?.worstCase // 'at most 100 in any 54 s, …'
 * ```
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
  const { overdraw = false } = options
  const variantOf = ({ rules, budget }: CompiledVariant): PolicyVariant => ({
    // A policy with a shadow, a ban or overdraw takes none.
    rules: rules.map((rule) =>
      describeRule(rule, { ...(budget.lease && { lease: options.lease }), overdraw }),
    ),
  })
  const shadow = [...(policy.shadow?.rules.values() ?? [])].map((rule) => describeRule(rule, { overdraw }))
  const crowded = crowdedRuleOf(policy) ?? null
  return { name, ...variantOf(policy), shadow, overrides: overrides.map(variantOf), crowded }
}
