/** Finds what each descriptor of a request asks of the limiter, before anything is spent. */

import type { LimitRequest, Who } from 'headgate'
import type { SourceRequest } from '../identity/attribute-sources.ts'
import type { ConfigurationInForce } from '../in-force.ts'
import { whenKnown } from '../when-known.ts'
import { ENVOY_POLICY } from '../wire-policy.ts'
import type { FoundLimit } from './limit-domains.ts'
import type { NodeLimit } from './limit-node.ts'
import type { CurrentLimit, RateLimitDescriptor, RateLimitRequest } from './messages.ts'
import { windowMsOf } from './units.ts'

/** What becomes of a descriptor: nothing limits it, nothing ever will, or the limiter is asked. */
export type Plan =
  | { readonly kind: 'none' | 'unlimited'; readonly descriptor: RateLimitDescriptor }
  | DescriptorAsk

/** A descriptor that the limiter is asked about. */
export interface DescriptorAsk {
  readonly kind: 'ask'
  readonly descriptor: RateLimitDescriptor
  readonly request: LimitRequest & { readonly cost: number }
  /** The limit where it is known before the answer; else that of the policy which decides. */
  readonly known?: CurrentLimit
  /** The limit of a tree of descriptors. */
  readonly node?: NodeLimit
  /** The same for descriptors of one budget; only those that are not alone are asked. */
  readonly budget: () => string
  /** Whether hits above 1 count also where they cross the limit: they report what was spent already. */
  readonly countsAnyway: boolean
}

/** Plans all descriptors, in their order. A promise only where a token has to be verified. */
export function planDescriptors(
  { domain, descriptors, hitsAddend }: RateLimitRequest,
  inForce: ConfigurationInForce,
): readonly Plan[] | Promise<readonly Plan[]> {
  const isTree = inForce.limits.has(domain)
  const found = isTree ? foundLimits(domain, descriptors, inForce) : null
  const plans = descriptors.map((descriptor, i): Plan | Promise<Plan> => {
    const asked = { domain, descriptor, hits: descriptor.hitsAddend ?? (hitsAddend || 1) }
    if (descriptor.limit !== undefined) {
      const isKnown = isTree || inForce.isKnownDomain(domain)
      return isKnown
        ? { ...overriding(asked, descriptor.limit), countsAnyway: isTree }
        : { kind: 'none', descriptor }
    }
    if (found === null) return byMatch(asked, inForce)
    const limit = found[i] ?? null
    return limit === null ? { kind: 'none', descriptor } : byTree(asked, limit)
  })
  return plans.some((plan) => plan instanceof Promise) ? allOf(plans) : (plans as Plan[])
}

function allOf(plans: readonly (Plan | Promise<Plan>)[]): Promise<readonly Plan[]> {
  return Promise.all(plans.map(async (plan) => plan))
}

/** The limits of a tree, without those that others replace: also what is replaced itself replaces others. */
function foundLimits(
  domain: string,
  descriptors: readonly RateLimitDescriptor[],
  { limits }: ConfigurationInForce,
): (FoundLimit | null)[] {
  const found = descriptors.map(({ entries, limit }) =>
    limit === undefined ? limits.find(domain, entries) : null,
  )
  const replaced = new Set(found.flatMap((one) => one?.limit.replaces ?? []))
  return found.map((one) => (one === null || replaced.has(one.limit.name) ? null : one))
}

interface Asked {
  readonly domain: string
  readonly descriptor: RateLimitDescriptor
  readonly hits: number
}

function byTree(asked: Asked, { limit, attributes }: FoundLimit): Plan {
  const { descriptor } = asked
  const { policy, isQuota } = limit
  if (policy === null) return { kind: 'unlimited', descriptor }
  const { requestsPerUnit, unit, name } = limit
  return {
    kind: 'ask',
    descriptor,
    request: {
      ...verbAndCost(asked),
      who: { ...whoOf(asked), ...attributes },
      policy,
      ...(isQuota && descriptor.isNegativeHits !== true && { anyOf: 'quota' }),
    },
    known: { requestsPerUnit, unit, ...(name !== '' && { name }) },
    node: limit,
    budget: () => JSON.stringify(attributes),
    countsAnyway: true,
  }
}

/** A limit of the caller's: a rule under the name of this wire, by domain and entries. */
function overriding(asked: Asked, known: CurrentLimit): Omit<DescriptorAsk, 'countsAnyway'> {
  const { domain, descriptor } = asked
  const key = JSON.stringify([domain, descriptor.entries.map((entry) => [entry.key, entry.value])])
  const window = windowMsOf(known)
  return {
    kind: 'ask',
    descriptor,
    request: {
      ...verbAndCost(asked),
      who: { ...whoOf(asked), key },
      policy: ENVOY_POLICY,
      rule: { algorithm: 'fixed-window', align: 'epoch', limit: { limit: known.requestsPerUnit, window } },
    },
    known,
    budget: () => `${window} ${key}`,
  }
}

/** Policies that ask for the domain and the descriptor, as any other wire finds them. */
function byMatch(asked: Asked, { sources }: ConfigurationInForce): Plan | Promise<Plan> {
  const { descriptor } = asked
  const who = whoOf(asked)
  const plan = (known: Exclude<Who, string>): Plan => ({
    kind: 'ask',
    descriptor,
    request: { ...verbAndCost(asked), who: known },
    // Descriptors that are the same are of the same policies.
    budget: () => JSON.stringify(descriptor.entries.map(({ key, value }) => [key, value])),
    countsAnyway: false,
  })
  if (sources.isEmpty) return plan(who)
  return whenKnown(sources.resolve(sourcesOf(descriptor), who), ({ attributes }) =>
    plan({ ...attributes, ...who }),
  )
}

function whoOf({ domain, descriptor }: Asked): Exclude<Who, string> {
  return { domain, descriptor: descriptor.entries }
}

function verbAndCost({ descriptor, hits }: Asked): {
  readonly verb: 'consume' | 'credit'
  readonly cost: number
} {
  return { verb: descriptor.isNegativeHits === true ? 'credit' : 'consume', cost: hits }
}

/** The caller is a proxy: its connection and header fields say nothing of the request it asks about. */
function sourcesOf({ entries }: RateLimitDescriptor): SourceRequest {
  const nothing = (): readonly string[] => []
  return {
    message: entries,
    peer: undefined,
    header: nothing,
    query: nothing,
    cookie: nothing,
    descriptor: (name) => entries.filter(({ key }) => key === name).map(({ value }) => value),
  }
}
