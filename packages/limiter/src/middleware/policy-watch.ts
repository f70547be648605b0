import type { PolicyRegister } from '../core/limiter.ts'
import type { PolicyAnswer } from '../core/policy-answer.ts'
import type { AccessOptions } from '../core/policy-options.ts'
import { policyAnswers } from '../policies/compile-answer.ts'
import { foldList, foldPolicy } from '../policies/fold-policy.ts'

/**
 * What a middleware has to know of the policies of its limiter: whether they are still those that it was made with, for which it
 * may read less of a request, and what they add to answers.
 */
export class PolicyWatch {
  readonly #register: PolicyRegister
  #isChanged = false
  #answers: ReadonlyMap<string, PolicyAnswer>

  constructor(register: PolicyRegister) {
    this.#register = register
    this.#answers = policyAnswers(register.list())
  }

  /** Whether a policy or a list has been changed since. */
  get isChanged(): boolean {
    return this.#isChanged
  }

  /** What policies add to answers, by their names. */
  get answers(): ReadonlyMap<string, PolicyAnswer> {
    return this.#answers
  }

  /** The policies for those who change them: what they do to them is noticed, and paths are folded where requests have theirs so. */
  register(foldsPaths: boolean): PolicyRegister {
    const register = this.#register
    const noticed = <A extends unknown[]>(change: (...args: A) => void) => {
      return (...args: A): void => {
        change(...args)
        this.#isChanged = true
        this.#answers = policyAnswers(register.list())
      }
    }
    return {
      list: () => register.list(),
      set: noticed((policy) => register.set(foldsPaths ? foldPolicy(policy) : policy)),
      delete: noticed((name) => register.delete(name)),
      replace: noticed((policies, lists) =>
        foldsPaths && Array.isArray(policies)
          ? register.replace(policies.map(foldPolicy), foldLists(lists))
          : register.replace(policies, lists),
      ),
      invalidate: (key) => register.invalidate(key),
      keysOf: (who, options) => register.keysOf(who, options),
      determinedKeysOf: (who, options) => register.determinedKeysOf(who, options),
      forget: (keys) => register.forget(keys),
      forgetDenials: (keys) => register.forgetDenials(keys),
    }
  }
}

function foldLists(lists: AccessOptions | undefined): AccessOptions | undefined {
  if (lists === undefined || lists === null) return lists
  const folded = Object.entries(lists).map(([name, list]) => [name, list && foldList(list)])
  return Object.fromEntries(folded) as AccessOptions
}
