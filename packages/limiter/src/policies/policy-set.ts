import { isDeepStrictEqual } from 'node:util'
import { HeadgateError, invalid, show, wrong } from '../core/errors.ts'
import { type Attributes, checkKey, type Who } from '../core/key.ts'
import type { AccessOptions, PolicyOptions } from '../core/policy-options.ts'
import type { Rate } from '../core/rate.ts'
import type { ReceiptOrigin } from '../core/receipt.ts'
import { isRecord, suggest } from '../core/validate.ts'
import { type AccessLists, compileAccessLists, type Listed } from './access-lists.ts'
import { compileCallRates } from './call-rates.ts'
import {
  compilePolicy,
  type Policy,
  type PolicyBudget,
  type PolicyContext,
  policyBudget,
  uniqueByName,
} from './compile-policy.ts'
import { Request } from './matcher.ts'
import { PolicyIndex } from './policy-index.ts'
import { findKey, keyOf } from './policy-key.ts'

/** Whose budget of which policy. */
export interface PolicyKey {
  readonly budget: PolicyBudget
  readonly key: string
}

/** What one configuration consists of. */
export interface PolicySetOptions extends AccessOptions {
  readonly policies: readonly PolicyOptions[]
}

/** What a request is judged by. */
export interface Found {
  /** Null where no list names it. */
  readonly listed: Listed
  /** None where a list names it. */
  readonly keys: readonly PolicyKey[]
}

/** What of a call decides whose budgets it asks. */
export interface KeyOptions {
  readonly limit?: Rate | readonly Rate[]
  readonly policy?: string
}

/** Budgets made for rates given with calls, kept so that the same rates are compiled once. */
const RATES_KEPT = 1000

/** All policies and lists of one configuration, compiled; immutable. */
export class PolicySet {
  readonly options: PolicySetOptions
  readonly policies: readonly Policy[]
  readonly #lists: AccessLists | null
  readonly #context: PolicyContext
  readonly #active: readonly Policy[]
  readonly #index: PolicyIndex
  readonly #byName: ReadonlyMap<string, Policy>
  readonly #rated = new Map<string, PolicyBudget>()
  /** The budget of a plain key where nothing has to be matched and nothing denies by itself; else null. */
  readonly simpleBudget: PolicyBudget | null

  /** What stays as it was in `before` keeps its budgets, with all that is remembered of them. */
  constructor(options: PolicySetOptions, context: PolicyContext, before?: PolicySet) {
    const { policies, allow, deny } = options
    if (!Array.isArray(policies)) throw wrong(policies, 'is not a list of policies', 'policies')
    this.options = options
    this.#context = context
    this.#lists = compileAccessLists(allow, deny)
    this.policies = policies.map((policy: PolicyOptions, i) => {
      const known = before?.policies.find((one) => isDeepStrictEqual(one.options, policy))
      return known ?? compilePolicy(policy, `policies[${i}]`, context)
    })
    this.#byName = uniqueByName(this.policies, 'policies', (i) => `policies[${i}].name`)
    this.#active = active(this.policies)
    this.#index = new PolicyIndex(this.#active)
    const [only] = this.#active
    const isAlone = this.#active.length === 1 && this.#lists === null
    this.simpleBudget = isAlone && only !== undefined && isSimple(only) ? only.budget : null
  }

  /** What the lists say of a request, and whose budgets it spends from. */
  find(who: Who, options: KeyOptions): Found {
    const request = new Request(attributesOf(who))
    const listed = this.#lists?.(request) ?? null
    if (listed === null) return { listed, keys: this.#keysOf(request, options) }
    // The lists come before the policies, but an unknown policy is a mistake for everybody.
    if (options.policy !== undefined) this.named(options.policy)
    return { listed, keys: [] }
  }

  /** Budgets of all its policies, those of overrides too. */
  budgets(): Set<PolicyBudget> {
    return new Set(this.#active.flatMap((one) => [one.budget, ...one.overrides.map(({ budget }) => budget)]))
  }

  /** The budgets whose keys the attributes determine, whatever their match; one for everybody only by name. */
  determinedKeys(who: Who, { policy }: Pick<KeyOptions, 'policy'>): PolicyKey[] {
    const request = new Request(attributesOf(who))
    if (policy !== undefined) {
      return active([this.named(policy)]).map((one) => ({ budget: one.budget, key: keyOf(one, request) }))
    }
    const keys: PolicyKey[] = []
    for (const one of this.#active) {
      const key = one.keyParts.length === 0 ? null : findKey(one, request)
      if (key !== null) keys.push({ budget: one.budget, key })
    }
    return keys
  }

  /** A policy by name; an unknown one is an `unknown-policy` error. */
  named(name: string): Policy {
    const policy = this.#byName.get(name)
    if (policy !== undefined) return policy
    throw new HeadgateError(
      'unknown-policy',
      `no policy is named ${show(name)}${suggest(name, [...this.#byName.keys()])}`,
    )
  }

  /**
   * The budget a receipt was issued on: the one it names, or, since policies change, the one of the policy that has
   * most of its rules. Undefined where the policy is gone.
   */
  findBudget({ policy: name, override, limit, rules }: ReceiptOrigin): PolicyBudget | undefined {
    const policy = this.#byName.get(name)
    if (policy === undefined) return undefined
    if (limit.length > 0) return this.#ratedBudget(policy, { override, limit })
    const named = policy.overrides[override] ?? policy
    const known = ({ budget }: { budget: PolicyBudget }): number =>
      rules.filter((rule) => budget.origin.rules.includes(rule)).length
    let [best, most] = [named.budget, known(named)]
    for (const form of most === rules.length ? [] : [policy, ...policy.overrides]) {
      if (known(form) > most) [best, most] = [form.budget, known(form)]
    }
    return best
  }

  #keysOf(request: Request, { limit, policy }: KeyOptions): PolicyKey[] {
    const chosen = policy === undefined ? this.#chosen(request) : active([this.named(policy)])
    if (limit !== undefined) checkAlone(chosen)
    return chosen.map((one) => {
      const override = one.overrides.findIndex(({ matcher }) => matcher.test(request))
      const { budget } = one.overrides[override] ?? one
      return {
        budget:
          limit === undefined
            ? budget
            : this.#ratedBudget(one, { override, limit: [limit].flat() as Rate[] }),
        key: keyOf(one, request),
      }
    })
  }

  #chosen(request: Request): Policy[] {
    const matching = this.#index.matching(request)
    const best = new Map<string, Policy>()
    for (const policy of matching) {
      if (policy.choose === null) continue
      const rival = best.get(policy.choose.group)?.choose?.priority ?? Number.NEGATIVE_INFINITY
      if (policy.choose.priority > rival) best.set(policy.choose.group, policy)
    }
    if (best.size === 0) return matching
    return matching.filter((policy) => policy.choose === null || best.get(policy.choose.group) === policy)
  }

  #ratedBudget(policy: Policy, { override, limit }: RatedForm): PolicyBudget {
    // What JSON cannot write is refused below; here it must only be named.
    const id = JSON.stringify([policy.name, override, limit], (_, value) =>
      typeof value === 'bigint' ? `${value}n` : value,
    )
    const known = this.#rated.get(id)
    // Re-inserted at the end, so that the first one is the least recently used.
    this.#rated.delete(id)
    const budget = known ?? this.#compileRates(policy, { override, limit })
    this.#rated.set(id, budget)
    const [oldest] = this.#rated.keys()
    if (this.#rated.size > RATES_KEPT) this.#rated.delete(oldest as string)
    return budget
  }

  #compileRates(policy: Policy, { override, limit }: RatedForm): PolicyBudget {
    const { written } = policy.overrides[override] ?? policy
    const rules = compileCallRates(limit, written, this.#context.custom)
    return policyBudget(policy.options, rules, { inForce: policy.inForce, override, limit })
  }
}

/** The rates of a call, and the override in whose place they are. */
type RatedForm = Pick<ReceiptOrigin, 'override' | 'limit'>

function active(policies: readonly Policy[]): readonly Policy[] {
  return policies.filter(({ options: { mode } }) => mode !== 'off')
}

function attributesOf(who: unknown): Attributes {
  if (typeof who === 'string') return { key: checkKey(who) }
  if (isRecord(who)) return who as Attributes
  const fix = 'pass a text or { user: "…" }'
  throw wrong(who, `is neither a key nor attributes; ${fix}`, '', 'invalid-key')
}

/** One policy's rates are replaced, not those of all that match. */
function checkAlone(chosen: readonly Policy[]): void {
  if (chosen.length <= 1) return
  const names = chosen.map(({ name }) => name).join(', ')
  throw invalid(
    'options.limit',
    `policies ${names} all match, and a limit is for one of them; name it by policy`,
  )
}

function isSimple({ options: { match, overrides, choose }, keyParts, budget }: Policy): boolean {
  return !match && !overrides && !choose && keyParts.join() === 'key' && budget.denyingRule === null
}
