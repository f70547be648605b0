/** The entry `headgate/policies`: checks and describes policies without a limiter. */

export type { HeaderFields, PolicyAnswer, ResponseOptions } from '../core/policy-answer.ts'
export type {
  AccessList,
  AccessOptions,
  ChooseOptions,
  DescriptorMatch,
  Match,
  MatchValues,
  OverrideOptions,
  PolicyOptions,
} from '../core/policy-options.ts'
export type { RuleOptions } from '../core/rule.ts'
export { policyAnswers } from '../policies/compile-answer.ts'
export {
  type CompileOptions,
  compilePolicies,
  type PolicyVariant,
  type PolicyView,
} from '../policies/compile-policies.ts'
export { describeRule, type RuleDescription } from '../policies/describe-rule.ts'
export { foldList, foldPolicy } from '../policies/fold-policy.ts'
export { listAttributes, policyAttributes } from '../policies/policy-attributes.ts'
export { compilePatterns, type RequestReading, readRequest } from '../policies/request-reading.ts'
