import { HeadgateError, invalid, show, wrong } from '../core/errors.ts'
import type { Explanation, PolicyExplanation } from '../core/explanation.ts'
import { attributesOf, type Who } from '../core/key.ts'
import type { AccessOptions, PolicyOptions } from '../core/policy-options.ts'
import type { Rate } from '../core/rate.ts'
import type { ReceiptOrigin } from '../core/receipt.ts'
import { isSameData } from '../core/same-data.ts'
import { suggest } from '../core/validate.ts'
import { type AccessLists, compileAccessLists } from './access-lists.ts'
import { type AppliedPolicy, appliedPolicy, stageOf } from './applied-policy.ts'
import { BudgetCache } from './budget-cache.ts'
import { compileCallRates } from './call-rates.ts'
import { checkGroups, choose } from './choose.ts'
import { type CompiledVariant, compilePolicy, type Policy, type PolicyContext } from './compile-policy.ts'
import { explainPolicies, viewsOf } from './explain-policies.ts'
import { FixedBudgets } from './fixed-budgets.ts'
import { createPolicyBudget, type PolicyBudget } from './policy-budget.ts'
import { costOf, DEFAULT_COST } from './policy-cost.ts'
import { PolicyIndex } from './policy-index.ts'
import { findKey, keyOf } from './policy-key.ts'
import { ifReadable } from './readable.ts'
import { RequestAttributes } from './request-attributes.ts'
import type { KeyOptions, PolicyKey, PolicySpend, RequestMatch } from './request-match.ts'
import { ALL_KEYS } from './rollout.ts'
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
  readonly #index: PolicyIndex
  readonly #byName: ReadonlyMap<string, Policy>
  readonly #callBudgets = new BudgetCache()
  readonly #fixedBudgets = new FixedBudgets()
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
      const isUnchanged = former !== undefined && isSameData(former.options, policy)
      return isUnchanged ? former : compilePolicy(policy, `policies[${i}]`, context)
    })
    this.#byName = uniqueByName(this.policies, 'policies', (i) => `policies[${i}].name`)
    checkGroups(this.policies, (i) => `policies[${i}].choose`)
    this.#active = activeOf(this.policies)
    this.#index = new PolicyIndex(this.#active)
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
      this.#active.flatMap((policy) =>
        [policy, ...policy.overrides].flatMap(({ budgets }) => Object.values(budgets)),
      ),
    )
  }

  /**
   * The budgets whose keys follow from the attributes, whether or not the policies match. A `global` budget only where its
   * policy is named. With a rule of the call all that counts under its name: what a store keeps there has one key.
   */
  determinedKeys(who: Who, options: Pick<KeyOptions, 'policy' | 'rule'>, scope?: string): PolicyKey[] {
    const request = new RequestAttributes(attributesOf(who), scope)
    if (options.rule !== undefined) return [this.#wholeRuleKey(request, options)]
    const { policy } = options
    if (policy !== undefined) {
      return this.#named(policy, request).map((named) => ({
        budget: named.policy.budget,
        key: keyOf(named.policy, request),
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
   * has most of the receipt's rules, the recorded override first, as it now stands to the key. Undefined where the policy was
   * removed.
   */
  findBudget(
    { policy: name, override, limit, rules, rule }: ReceiptOrigin,
    key: string,
  ): PolicyBudget | undefined {
    if (rule !== undefined) return this.#wholeRuleBudget({ policy: name, rule })
    const policy = this.#byName.get(name)
    if (policy === undefined) return undefined
    const stage = stageOf(policy, key)
    if (limit.length > 0)
      return this.#callRateBudget(policy, { override, limit, enforces: stage !== 'counted' })
    const recorded = policy.overrides[override] ?? policy
    const sharedRules = ({ budget }: CompiledVariant): number =>
      rules.filter((rule) => budget.origin.rules.includes(rule)).length
    let [best, most]: [CompiledVariant, number] = [recorded, sharedRules(recorded)]
    for (const variant of most === rules.length ? [] : [policy, ...policy.overrides]) {
      if (sharedRules(variant) > most) [best, most] = [variant, sharedRules(variant)]
    }
    return best.budgets[stage]
  }

  #keysOf(request: RequestAttributes, options: KeyOptions): PolicySpend[] {
    if (options.rule !== undefined) {
      return [{ ...this.#wholeRuleKey(request, options), cost: options.cost ?? DEFAULT_COST }]
    }
    const { limit, policy: name, cost } = options
    const applied = name === undefined ? this.#applicable(request) : this.#named(name, request)
    const rated = limit === undefined ? null : ratedPolicy(applied)
    const spendOf = (one: AppliedPolicy): PolicySpend => {
      const { policy, stage, enforces } = one
      const override = policy.overrides.findIndex(({ matcher }) => matcher.test(request))
      const { budgets } = policy.overrides[override] ?? policy
      return {
        budget:
          one === rated
            ? this.#callRateBudget(policy, { override, limit: [limit].flat() as Rate[], enforces })
            : budgets[stage],
        key: one.key ?? keyOf(policy, request),
        cost: cost ?? costOf(policy.options, request),
      }
    }
    const spends: PolicySpend[] = []
    for (const one of applied) {
      const spend = one.enforces ? spendOf(one) : ifReadable(() => spendOf(one))
      if (spend !== undefined) spends.push(spend)
    }
    return spends
  }

  #named(name: string, request: RequestAttributes): AppliedPolicy[] {
    return appliedOf(activeOf([this.get(name)]), request)
  }

  /** The policies that match, and of each `choose` group only those that {@link choose} leaves. */
  #applicable(request: RequestAttributes): readonly AppliedPolicy[] {
    return choose(appliedOf(this.#index.matching(request), request), request)
  }

  #wholeRuleKey(request: RequestAttributes, options: KeyOptions): PolicyKey {
    const budget = this.#wholeRuleBudget(wholeRuleOf(options, (name) => this.#byName.has(name)))
    const key = wholeRuleKey(request)
    return { budget, key: this.#context.hashedKeys?.of(key) ?? key }
  }

  #wholeRuleBudget(whole: WholeRule): PolicyBudget {
    return this.#fixedBudgets.get(whole, () => this.#changeableBudget(whole))
  }

  #changeableBudget(whole: WholeRule): PolicyBudget {
    return this.#callBudgets.get([whole.policy, whole.rule], () =>
      wholeRuleBudget(whole, this.#context.custom),
    )
  }

  #callRateBudget(policy: Policy, rates: CallRates): PolicyBudget {
    const { override, limit, enforces } = rates
    return this.#callBudgets.get([policy.name, override, limit, enforces], () =>
      this.#compileCallRates(policy, rates),
    )
  }

  #compileCallRates(policy: Policy, { override, limit, enforces }: CallRates): PolicyBudget {
    const { ruleOptions } = policy.overrides[override] ?? policy
    const rules = compileCallRates(limit, ruleOptions, this.#context.custom)
    return createPolicyBudget(policy.options, rules, { inForce: policy.inForce, override, limit, enforces })
  }
}

/** Rates that came with a call, and the index of the override whose rates they replace; -1: the policy's own. */
interface CallRates extends Pick<ReceiptOrigin, 'override' | 'limit'> {
  readonly enforces: boolean
}

function appliedOf(policies: readonly Policy[], request: RequestAttributes): AppliedPolicy[] {
  const applied: AppliedPolicy[] = []
  for (const policy of policies) {
    const one = appliedPolicy(policy, request)
    if (one !== null) applied.push(one)
  }
  return applied
}

function activeOf(policies: readonly Policy[]): readonly Policy[] {
  return policies.filter(({ options: { mode } }) => mode !== 'off')
}

/**
 * The one policy whose rates those of a call replace: where several match, nothing says which. Those in shadow beside it keep
 * their own; null where several match and all are in shadow.
 */
function ratedPolicy(applied: readonly AppliedPolicy[]): AppliedPolicy | null {
  const enforcing = applied.filter(({ enforces }) => enforces)
  const [only = null] = enforcing.length > 0 ? enforcing : applied
  if (enforcing.length <= 1) return enforcing.length === 1 || applied.length === 1 ? only : null
  const names = enforcing.map(({ name }) => name).join(', ')
  throw invalid(
    'options.limit',
    `policies ${names} all match, and a limit is for one of them; name it by policy`,
  )
}

function isSimple({ options, keyParts, budget, rollout }: Policy): boolean {
  const { match, overrides, choose, cost, mode } = options
  return (
    mode !== 'shadow' &&
    rollout === ALL_KEYS &&
    !budget.hasShadow &&
    !match &&
    !overrides &&
    !choose &&
    cost === undefined &&
    keyParts.join() === 'key' &&
    budget.denyingRule === null
  )
}
