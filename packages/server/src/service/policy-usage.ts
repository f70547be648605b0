import {
  HeadgateError,
  type KeyView,
  type Limiter,
  type PolicyOptions,
  type RuleView,
  type ShadowView,
  type Source,
  type Who,
} from 'headgate'
import { shownKey } from './observe/shown-key.ts'
import { reaching } from './wire-policy.ts'

/** How one rule stands under a key. */
export interface RuleUsage {
  readonly rule: string
  /** Its capacity. */
  readonly limit: number
  readonly rate: RuleView['rate']
  /** Whole units; as much as the limit where a key is in debt. */
  readonly used: number
  readonly remaining: number
  readonly resetAfterMs: number
  /** Whether it only counts. */
  readonly isShadow: boolean
}

/** How a policy stands under a key. */
export interface PolicyUsage extends KeyView {
  /** Until a block or a ban ends, also one that denies nobody since the policy only counts; null where there is none. */
  readonly blockedForMs: number | null
  /** Who tells it, as of a decision: `store`, or while that does not answer this process by its own share of the limits. */
  readonly source: Source
  /** Empty where the source is `open` or `closed`, which know nothing. */
  readonly rules: readonly RuleUsage[]
}

/** Whose usage is wanted. */
export interface UsageOptions {
  /** @default all whose key the attributes determine */
  readonly policy?: string
}

/** Most policies that are asked at once. */
const POLICIES_MAX = 100

/** How all policies stand whose key attributes determine, also where they do not match. Spends nothing, and is no event. */
export async function usageOf(
  limiter: Limiter,
  policies: readonly PolicyOptions[],
  { who, policy }: UsageOptions & { readonly who: Who },
): Promise<PolicyUsage[]> {
  const asked = policy === undefined ? policies.filter((one) => isDetermined(one, who)) : [{ name: policy }]
  if (asked.length > POLICIES_MAX) {
    const message = `these attributes are the key of ${asked.length} policies; name one as policy`
    throw new HeadgateError('invalid-request', message, { path: 'policy' })
  }
  const usages = await Promise.all(
    asked.map(({ name }) => {
      const options = policies.find((one) => one.name === name)
      return policyUsage(limiter, options, { who, policy: name }).catch(policy === undefined ? ifNoKey : fail)
    }),
  )
  return usages.filter((usage) => usage !== null)
}

async function policyUsage(
  limiter: Limiter,
  options: PolicyOptions | undefined,
  { who, policy }: { readonly who: Who; readonly policy: string },
): Promise<PolicyUsage | null> {
  const [view] = limiter.policies.keysOf(who, reaching({ policy }))
  if (view === undefined) return null
  const decision = await limiter.peek(who, { ...reaching({ policy }), cost: 0 })
  const { reason, source, retryAfterMs, rules, shadow } = decision
  const isKnown = source !== 'open' && source !== 'closed'
  if (isKnown && rules.length === 0 && shadow.length === 0) return null
  return {
    ...shownKey(view, options),
    blockedForMs: reason === 'blocked' ? retryAfterMs : blockedInShadow(shadow),
    source,
    rules: [...rules.map((rule) => ruleUsage(rule, false)), ...shadow.map((rule) => ruleUsage(rule, true))],
  }
}

/** Until a block of a policy ends that only counts. */
function blockedInShadow(shadow: readonly ShadowView[]): number | null {
  const waits = shadow.filter(({ blocked }) => blocked === true).map((view) => view.retryAfterMs ?? 0)
  return waits.length === 0 ? null : Math.max(...waits)
}

function ruleUsage({ rule, limit, rate, remaining, resetAfterMs }: RuleView, isShadow: boolean): RuleUsage {
  return { rule, limit, rate, used: limit - remaining, remaining, resetAfterMs, isShadow }
}

/** Whether attributes have all parts of a key. Entries of descriptors are for the policy to find. */
function isDetermined({ key = 'key' }: PolicyOptions, who: Who): boolean {
  const attributes: Readonly<Record<string, unknown>> = typeof who === 'string' ? { key: who } : who
  return [key]
    .flat()
    .every(
      (name) =>
        name === 'global' ||
        name.startsWith('descriptor') ||
        (Object.hasOwn(attributes, name) && ![undefined, null, ''].includes(attributes[name] as never)),
    )
}

/** A policy whose key is not in these attributes has nothing to tell of them. */
function ifNoKey(reason: unknown): null {
  if (HeadgateError.from(reason).code === 'invalid-key') return null
  throw reason
}

function fail(reason: unknown): never {
  throw reason
}
