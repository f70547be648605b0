/** The entry `headgate/policies`: checks and describes policies without a limiter. */

export type {
  AccessList,
  AccessOptions,
  Match,
  OverrideOptions,
  PolicyOptions,
} from '../core/policy-options.ts'
export type { RuleOptions } from '../core/rule.ts'
export {
  type CompileOptions,
  compilePolicies,
  type PolicyVariant,
  type PolicyView,
} from '../policies/compile-policies.ts'
export { describeRule, type RuleDescription } from '../policies/describe-rule.ts'
