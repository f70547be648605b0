import { invalid } from '../core/errors.ts'
import type { KeyView, PolicyRegister } from '../core/limiter.ts'
import type { AccessOptions, PolicyOptions } from '../core/policy-options.ts'
import { checkFields } from '../core/validate.ts'
import type { PolicyKey } from '../policies/request-match.ts'
import type { Decider } from './decider.ts'

/** Creates `limiter.policies`: every change replaces the policies of the decider as a whole, and then calls `onChange`. */
export function createPolicyRegister(
  decider: Decider,
  onChange: () => void,
  forgetting: Pick<PolicyRegister, 'forget' | 'forgetDenials'>,
): PolicyRegister {
  const list = (): PolicyOptions[] => [...decider.policies.options.policies]
  const without = (name: string | undefined): PolicyOptions[] =>
    list().filter((policy) => policy.name !== name)
  /** Access lists stay as they are unless others are given. */
  const replace = (policies: readonly PolicyOptions[], lists: AccessOptions = {}): void => {
    if (decider.isSourced)
      throw invalid('policies', 'they come from a policySource; change what it loads, and invalidate')
    checkFields(lists, ['allow', 'deny'], 'lists')
    const current = decider.policies.options
    const { allow = current.allow, deny = current.deny } = lists
    decider.replace({ policies, ...(allow && { allow }), ...(deny && { deny }) })
    onChange()
  }
  return {
    list,
    set: (policy) => replace([...without(policy?.name), policy]),
    delete: (name) => {
      decider.policies.get(name)
      replace(without(name))
    },
    replace,
    invalidate: (key) => {
      decider.invalidate(key)
      onChange()
    },
    keysOf: (who, options = {}) => {
      checkFields(options, ['policy', 'rule'], 'options')
      return decider.reachedKeys(who, options).map(keyView)
    },
    determinedKeysOf: (who, options = {}) => {
      checkFields(options, ['policy', 'rule'], 'options')
      return decider.knownDeterminedKeys(who, options).map(keyView)
    },
    ...forgetting,
  }
}

function keyView({ budget, key }: PolicyKey): KeyView {
  return { policy: budget.policy, key }
}
