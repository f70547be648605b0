/** Says why policies apply to a request or not, in words of the configuration. */

import type { ConditionView, PolicyExplanation, PolicyOutcome } from '../core/explanation.ts'
import { appliedPolicy } from './applied-policy.ts'
import type { Policy } from './compile-policy.ts'
import type { Condition } from './condition.ts'
import type { Matcher } from './matcher.ts'
import { costOf } from './policy-cost.ts'
import { readKey } from './policy-key.ts'
import { ifReadable } from './readable.ts'
import type { RequestAttributes } from './request-attributes.ts'
import type { KeyOptions, PolicySpend, RequestMatch } from './request-match.ts'

/** Most patterns shown of a condition that is not met. */
const WANTED_MAX = 10

/** A request whose budgets were found, and how it was asked. */
export interface MatchedRequest extends RequestMatch {
  readonly request: RequestAttributes
  readonly options: KeyOptions
}

/** Explains every policy, but for how its rules stand, which only the store knows. */
export function explainPolicies(
  policies: readonly Policy[],
  matched: MatchedRequest,
): Omit<PolicyExplanation, 'rules'>[] {
  const spends = new Map(matched.keys.map((spend) => [spend.budget.policy, spend]))
  const chosen = new Map<string, string>()
  for (const { name, choose } of policies) {
    if (choose !== null && spends.get(name)?.budget.enforces) chosen.set(choose.group, name)
  }
  return policies.map((policy) => {
    const { name, matcher, choose } = policy
    const spend = spends.get(name)
    return {
      policy: name,
      outcome:
        spend === undefined ? outcomeOf(policy, matched) : spend.budget.enforces ? 'applies' : 'in-shadow',
      conditions: viewsOf(matcher, matched.request),
      choose: choose && { group: choose.group, chosen: chosen.get(choose.group) ?? null },
      ...spendOf(policy, spend, matched.request),
    }
  })
}

/** The conditions of a match as they are told. */
export function viewsOf({ conditions }: Matcher, request: RequestAttributes): ConditionView[] {
  return conditions.map((condition) => {
    const fitting = ifReadable(() => condition.fitting(request)) ?? []
    return {
      attribute: condition.attribute.replace(/\0(\d+)$/, '[$1]'),
      value: ifReadable(() => givenValue(condition, request)) ?? null,
      met: fitting.length > 0,
      wanted: fitting.length > 0 ? [...new Set(fitting)] : condition.patterns.slice(0, WANTED_MAX),
      patterns: condition.patterns.length,
    }
  })
}

/** Why a policy does not apply. */
function outcomeOf(policy: Policy, { request, options, listed }: MatchedRequest): PolicyOutcome {
  const { policy: asked, rule } = options
  if (rule !== undefined || (asked !== undefined && asked !== policy.name)) return 'not-asked'
  if (policy.options.mode === 'off') return 'off'
  return (
    ifReadable(() => {
      if (asked === undefined && !policy.matcher.test(request)) return 'unmatched'
      if (listed !== null) return 'listed'
      if (readKey(policy, request) === null) return 'without-key'
      if (!appliedPolicy(policy, request)?.enforces) readSpend(policy, { request, options })
      return 'not-chosen'
    }) ?? 'unreadable'
  )
}

/** Throws where an override or the cost of a policy that only counts cannot be read, and it is therefore left out. */
function readSpend(policy: Policy, { request, options }: Pick<MatchedRequest, 'request' | 'options'>): void {
  policy.overrides.some(({ matcher }) => matcher.test(request))
  if (options.cost === undefined) costOf(policy.options, request)
}

type Spending = Pick<PolicyExplanation, 'override' | 'key' | 'cost'>

function spendOf(policy: Policy, spend: PolicySpend | undefined, request: RequestAttributes): Spending {
  if (spend === undefined) return { override: null, key: null, cost: null }
  const { override } = spend.budget.origin
  return { override: override < 0 ? null : override, key: identityOf(policy, request), cost: spend.cost }
}

/** The attributes that make up a key; the address alone where one of them is missing. */
function identityOf({ keyParts, options }: Policy, request: RequestAttributes): Record<string, string> {
  const isMissing = keyParts.some((part) => request.text(part) === undefined)
  const parts = isMissing ? ['ip'] : keyParts
  return Object.fromEntries(parts.map((part) => [part, request.keyText(part, options.ipv6Prefix) as string]))
}

function givenValue({ attribute, kind }: Condition, request: RequestAttributes): string | undefined {
  switch (kind) {
    case 'shape':
      return request.descriptor.shape
    case 'path':
      return request.text('path') === undefined ? undefined : `/${request.segments.join('/')}`
    case 'network':
    case 'value':
      return request.text(attribute)
  }
}
