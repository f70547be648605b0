import { HeadgateError, show, wrong } from '../core/errors.ts'
import { type Attributes, checkKey, plainKey, type Who } from '../core/key.ts'
import type { Origin, PolicyOptions } from '../core/policy.ts'
import type { Rate } from '../core/rate.ts'
import { isRecord, suggest } from '../core/validate.ts'
import { Request } from './matcher.ts'
import {
  byName,
  compilePolicy,
  compileRules,
  type Known,
  keyOf,
  type Policy,
  type PolicyBudget,
  policyBudget,
} from './policy.ts'
import { PolicyIndex } from './policy-index.ts'

/** Whose budget of which policy. */
export interface Target {
  readonly budget: PolicyBudget
  readonly key: string
}

/** What of a call decides its targets. */
export interface TargetOptions {
  readonly limit?: Rate | readonly Rate[]
  readonly policy?: string
}

/** Budgets made for rates given with calls, kept so that the same rates are compiled once. */
const RATES_KEPT = 1000

/** All policies of one configuration, compiled; immutable. */
export class PolicySet {
  readonly policies: readonly Policy[]
  readonly #known: Known
  readonly #index: PolicyIndex
  readonly #byName: ReadonlyMap<string, Policy>
  readonly #rated = new Map<string, PolicyBudget>()
  /** The budget of a plain key when nothing has to be matched, in the most common set-up; else null. */
  readonly plain: PolicyBudget | null

  constructor(options: readonly PolicyOptions[], known: Known) {
    if (!Array.isArray(options)) {
      throw wrong(options, 'is not a list of policies', 'policies')
    }
    this.#known = known
    this.policies = options.map((policy, i) => compilePolicy(policy, `policies[${i}]`, known))
    this.#byName = byName(this.policies, 'policies', 'policies', '.name')
    const inForce = active(this.policies)
    this.#index = new PolicyIndex(inForce)
    const [only] = inForce
    this.plain = inForce.length === 1 && only !== undefined && isPlain(only) ? only.budget : null
  }

  /** The budgets a request draws on. */
  targets(who: Who, { limit, policy }: TargetOptions): Target[] {
    const request = new Request(attributesOf(who))
    const chosen = policy === undefined ? this.#chosen(request) : active([this.named(policy)])
    return chosen.map((one) => {
      const override = one.overrides.find(({ matcher }) => matcher.test(request))
      const budget = limit === undefined ? (override?.budget ?? one.budget) : this.#ratedBudget(one, limit)
      return { budget, key: keyOf(one, request) }
    })
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

  /** The budget a receipt was issued on, if the policy is still there. */
  budgetOf(policy: string, { override, limit }: Origin): PolicyBudget | undefined {
    const found = this.#byName.get(policy)
    if (found === undefined) return undefined
    if (limit.length > 0) return this.#ratedBudget(found, limit)
    return found.overrides[override]?.budget ?? found.budget
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

  #ratedBudget({ name, options }: Policy, limit: Rate | readonly Rate[]): PolicyBudget {
    const rates = [limit].flat() as Rate[]
    // What JSON cannot write is refused below; here it must only be named.
    const id = JSON.stringify([name, rates], (_, value) => (typeof value === 'bigint' ? `${value}n` : value))
    const known = this.#rated.get(id)
    // Re-inserted at the end, so that the first one is the least recently used.
    this.#rated.delete(id)
    const budget = known ?? this.#compileRates(options, rates)
    this.#rated.set(id, budget)
    const [oldest] = this.#rated.keys()
    if (this.#rated.size > RATES_KEPT) this.#rated.delete(oldest as string)
    return budget
  }

  #compileRates(options: PolicyOptions, rates: readonly Rate[]): PolicyBudget {
    const given = rates.map((limit) => ({ limit }))
    return policyBudget(options, compileRules(given, 'limit', this.#known.custom), -1, rates)
  }
}

/** The encoded key of a plain text. */
export function plainTarget(who: string): string {
  return plainKey(checkKey(who))
}

function active(policies: readonly Policy[]): readonly Policy[] {
  return policies.filter(({ options: { mode } }) => mode !== 'off')
}

function attributesOf(who: unknown): Attributes {
  if (typeof who === 'string') return { key: checkKey(who) }
  if (isRecord(who)) return who as Attributes
  const fix = 'pass a text or { user: "…" }'
  throw wrong(who, `is neither a key nor attributes; ${fix}`, '', 'invalid-key')
}

function isPlain({ options: { match, overrides, choose }, keyParts }: Policy): boolean {
  return !match && !overrides && !choose && keyParts.join() === 'key'
}
