import { isDeepStrictEqual } from 'node:util'
import { HeadgateError, invalid, show, wrong } from '../core/errors.ts'
import type { Explanation, PolicyExplanation } from '../core/explanation.ts'
import type { Who } from '../core/key.ts'
import type { AccessOptions, PolicyOptions } from '../core/policy-options.ts'
import type { Rate } from '../core/rate.ts'
import type { ReceiptOrigin } from '../core/receipt.ts'
import { suggest } from '../core/validate.ts'
import { type AccessLists, compileAccessLists } from './access-lists.ts'
import { BudgetCache } from './budget-cache.ts'
import { compileCallRates } from './call-rates.ts'
import { checkGroups, choose } from './choose.ts'
import { type CompiledVariant, compilePolicy, type Policy, type PolicyContext } from './compile-policy.ts'
import { explainPolicies, viewsOf } from './explain-policies.ts'
import { MatchIndex } from './match-index.ts'
import { createPolicyBudget, type PolicyBudget } from './policy-budget.ts'
import { costOf, DEFAULT_COST } from './policy-cost.ts'
import { findKey, isSkipped, keyOf } from './policy-key.ts'
import { attributesOf, RequestAttributes } from './request-attributes.ts'
import type { KeyOptions, PolicyKey, PolicySpend, RequestMatch } from './request-match.ts'
import { uniqueByName } from './unique-by-name.ts'
import { type WholeRule, wholeRuleBudget, wholeRuleKey, wholeRuleOf } from './whole-rule.ts'

/** One configuration: policies and access lists. */
export interface PolicySetOptions extends AccessOptions {
  readonly policies: readonly PolicyOptions[]
}

/** What applies to a request and what does not, but for how rules stand. */
export interface ExplainedMatch extends Pick<Explanation, 'listed'> {
  readonly match: RequestMatch
  readonly policies: readonly Omit<PolicyExplanation, 'rules'>[]
}

/** The policies and access lists of one configuration, compiled; never modified. */
export class PolicySet {
  readonly options: PolicySetOptions
  readonly policies: readonly Policy[]
  readonly #lists: AccessLists | null
  readonly #context: PolicyContext
  readonly #active: readonly Policy[]
  readonly #index: MatchIndex<Policy>
  readonly #byName: ReadonlyMap<string, Policy>
  readonly #callBudgets = new BudgetCache()
  /** The only budget, where a plain key needs no matching: one policy by `key`, no lists, no limit of 0. Else null. */
  readonly simpleBudget: PolicyBudget | null

  /** A policy whose options equal those in `previous` keeps its budgets, and with them caches by budget. */
  constructor(options: PolicySetOptions, context: PolicyContext, previous?: PolicySet) {
    const { policies, allow, deny } = options
    if (!Array.isArray(policies)) throw wrong(policies, 'is not a list of policies', 'policies')
    this.options = options
    this.#context = context
    this.#lists = compileAccessLists(allow, deny)
    this.policies = policies.map((policy: PolicyOptions, i) => {
      const former = previous === undefined ? undefined : previous.#byName.get(policy?.name)
      const isUnchanged = former !== undefined && isDeepStrictEqual(former.options, policy)
      return isUnchanged ? former : compilePolicy(policy, `policies[${i}]`, context)
    })
    this.#byName = uniqueByName(this.policies, 'policies', (i) => `policies[${i}].name`)
    checkGroups(this.policies, (i) => `policies[${i}].choose`)
    this.#active = activeOf(this.policies)
    this.#index = new MatchIndex(this.#active)
    const [only] = this.#active
    const isOnly = this.#active.length === 1 && this.#lists === null
    this.simpleBudget = isOnly && only !== undefined && isSimple(only) ? only.budget : null
  }

  /** Finds the access list that a request is on, or else the budgets it spends from. */
  match(who: Who, options: KeyOptions, scope?: string): RequestMatch {
    const request = new RequestAttributes(attributesOf(who), scope)
    const listed = this.#lists?.(request)?.list ?? null
    if (listed === null) return { listed, keys: this.#keysOf(request, options) }
    // Throws for an unknown policy, which is a mistake also in the call of a listed request.
    if (options.policy !== undefined && options.rule === undefined) this.get(options.policy)
    return { listed, keys: [] }
  }

  /** As {@link match}, and why: the entry of a list that the request is on, and every policy. */
  explain(who: Who, options: KeyOptions, scope?: string): ExplainedMatch {
    const match = this.match(who, options, scope)
    const request = new RequestAttributes(attributesOf(who), scope)
    const entry = this.#lists?.(request) ?? null
    return {
      match,
      listed: entry && { list: entry.list, conditions: viewsOf(entry.matcher, request) },
      policies: explainPolicies(this.policies, { ...match, request, options }),
    }
  }

  /** Budgets of all active policies, those of overrides too. */
  budgets(): Set<PolicyBudget> {
    return new Set(
      this.#active.flatMap(({ budget, overrides }) => [
        budget,
        ...overrides.map((override) => override.budget),
      ]),
    )
  }

  /**
   * The budgets whose keys follow from the attributes, whether or not the policies match. A `global` budget only where its
   * policy is named.
   */
  determinedKeys(who: Who, { policy }: Pick<KeyOptions, 'policy'>, scope?: string): PolicyKey[] {
    const request = new RequestAttributes(attributesOf(who), scope)
    if (policy !== undefined) {
      return this.#named(policy, request).map((named) => ({
        budget: named.budget,
        key: keyOf(named, request),
      }))
    }
    const keys: PolicyKey[] = []
    for (const active of this.#active) {
      const isGlobal = active.keyParts.length === 0 && scope === undefined
      const key = isGlobal ? null : findKey(active, request)
      if (key !== null) keys.push({ budget: active.budget, key })
    }
    return keys
  }

  /** The policy of this name; throws `unknown-policy` where there is none. */
  get(name: string): Policy {
    const policy = this.#byName.get(name)
    if (policy !== undefined) return policy
    throw new HeadgateError(
      'unknown-policy',
      `no policy is named ${show(name)}${suggest(name, [...this.#byName.keys()])}`,
    )
  }

  /**
   * The budget that a receipt refunds to. Policies may have changed since the spend, so it is the variant of the policy that
   * has most of the receipt's rules, the recorded override first. Undefined where the policy was removed.
   */
  findBudget({ policy: name, override, limit, rules, rule }: ReceiptOrigin): PolicyBudget | undefined {
    if (rule !== undefined) return this.#wholeRuleBudget({ policy: name, rule })
    const policy = this.#byName.get(name)
    if (policy === undefined) return undefined
    if (limit.length > 0) return this.#callRateBudget(policy, { override, limit })
    const recorded = policy.overrides[override] ?? policy
    const sharedRules = ({ budget }: CompiledVariant): number =>
      rules.filter((rule) => budget.origin.rules.includes(rule)).length
    let [best, most] = [recorded.budget, sharedRules(recorded)]
    for (const variant of most === rules.length ? [] : [policy, ...policy.overrides]) {
      if (sharedRules(variant) > most) [best, most] = [variant.budget, sharedRules(variant)]
    }
    return best
  }

  #keysOf(request: RequestAttributes, options: KeyOptions): PolicySpend[] {
    if (options.rule !== undefined) {
      const budget = this.#wholeRuleBudget(wholeRuleOf(options, (name) => this.#byName.has(name)))
      return [{ budget, key: wholeRuleKey(request), cost: options.cost ?? DEFAULT_COST }]
    }
    const { limit, policy: name, cost } = options
    const policies = name === undefined ? this.#applicable(request) : this.#named(name, request)
    if (limit !== undefined) checkSinglePolicy(policies)
    return policies.map((policy) => {
      const override = policy.overrides.findIndex(({ matcher }) => matcher.test(request))
      const { budget } = policy.overrides[override] ?? policy
      return {
        budget:
          limit === undefined
            ? budget
            : this.#callRateBudget(policy, { override, limit: [limit].flat() as Rate[] }),
        key: keyOf(policy, request),
        cost: cost ?? costOf(policy.options, request),
      }
    })
  }

  #named(name: string, request: RequestAttributes): Policy[] {
    return activeOf([this.get(name)]).filter((policy) => !isSkipped(policy, request))
  }

  /** The policies that match, and of each `choose` group only the one of the highest rank. */
  #applicable(request: RequestAttributes): Policy[] {
    const matching = this.#index.matching(request).filter((policy) => !isSkipped(policy, request))
    return choose(matching, request)
  }

  #wholeRuleBudget(whole: WholeRule): PolicyBudget {
    return this.#callBudgets.get([whole.policy, whole.rule], () =>
      wholeRuleBudget(whole, this.#context.custom),
    )
  }

  #callRateBudget(policy: Policy, { override, limit }: CallRates): PolicyBudget {
    return this.#callBudgets.get([policy.name, override, limit], () =>
      this.#compileCallRates(policy, { override, limit }),
    )
  }

  #compileCallRates(policy: Policy, { override, limit }: CallRates): PolicyBudget {
    const { ruleOptions } = policy.overrides[override] ?? policy
    const rules = compileCallRates(limit, ruleOptions, this.#context.custom)
    return createPolicyBudget(policy.options, rules, { inForce: policy.inForce, override, limit })
  }
}

/** Rates that came with a call, and the index of the override whose rates they replace; -1: the policy's own. */
type CallRates = Pick<ReceiptOrigin, 'override' | 'limit'>

function activeOf(policies: readonly Policy[]): readonly Policy[] {
  return policies.filter(({ options: { mode } }) => mode !== 'off')
}

/** Rates of a call replace those of one policy: where several match, nothing says which. */
function checkSinglePolicy(policies: readonly Policy[]): void {
  if (policies.length <= 1) return
  const names = policies.map(({ name }) => name).join(', ')
  throw invalid(
    'options.limit',
    `policies ${names} all match, and a limit is for one of them; name it by policy`,
  )
}

function isSimple({ options: { match, overrides, choose, cost }, keyParts, budget }: Policy): boolean {
  return (
    !match &&
    !overrides &&
    !choose &&
    cost === undefined &&
    keyParts.join() === 'key' &&
    budget.denyingRule === null
  )
}
