/** `limitr.v1.RateLimiterService`, for clients of limitr; docs/guide/migration/from-limitr.md lists what differs. */

import type { Decision, PolicyOptions, RuleView } from 'headgate'
import {
  type BucketLevel,
  HealthCheckResponseServingStatus as HEALTH,
  type PolicyConfig,
  RateLimiterService,
} from '../../../../gen/limitr-v1.ts'
import { badRequest } from '../../../../service/describe-failure.ts'
import { ruleRates } from '../../../../service/rule-rates.ts'
import { type RpcMethod, unary } from '../../rpc-method.ts'
import { consuming, type ForeignRequest, nowSeconds, standing } from './foreign-request.ts'

/** A domain or a prefix that a request does not have. */
const DEFAULT = 'default'
const SEPARATOR = ':'

export const LIMITR_METHODS: readonly RpcMethod[] = [
  unary(RateLimiterService.ConsumeAndCheckLimit, async ({ domain, limitKey, cost = 1 }, call) => {
    const decision = await consuming({ ...requestOf(domain, limitKey), cost }, call)
    return {
      allowed: decision.allowed,
      remainingCapacity: decision.remaining ?? 0,
      limitingRateIndex: indexOf(decision),
      denyCount: decision.allowed ? 0 : 1,
    }
  }),
  unary(RateLimiterService.GetBucketStatus, async ({ domain, limitKey }, call) => {
    const { decision } = await standing(requestOf(domain, limitKey), call)
    return {
      levels: decision.rules.map(levelOf),
      lastUpdateTimestamp: nowSeconds(),
      denyCount: decision.allowed ? 0 : 1,
    }
  }),
  unary(RateLimiterService.GetCurrentConfig, (_, { service }) => {
    const shown = new Set(service.policies().policies.map(({ name }) => name))
    const { policies } = service.configuration()
    return {
      configs: policies
        .filter(({ name }) => shown.has(name))
        .flatMap((policy) => pairsOf(policy).map((pair) => ({ ...pair, policies: policiesOf(policy) }))),
    }
  }),
  unary(
    RateLimiterService.HealthCheck,
    async (_, { service }) => {
      const readiness = await service.readiness()
      if (readiness.ready) return { status: HEALTH.SERVING, message: 'ready' }
      return { status: HEALTH.NOT_SERVING, message: readiness.detail }
    },
    { isOpen: true },
  ),
]

/** The attributes of a request: what stands before the first `:` is the prefix, and the rest is the key. */
function requestOf(domain: string | undefined, limitKey: string): ForeignRequest {
  const at = limitKey.indexOf(SEPARATOR)
  const [prefix, key] = at < 0 ? ['', limitKey] : [limitKey.slice(0, at), limitKey.slice(at + 1)]
  if (key === '')
    throw badRequest('it names nobody; write a key, or a prefix, a colon and a key', 'limit_key')
  return { attributes: { domain: domain || DEFAULT, prefix: prefix || DEFAULT, key } }
}

/** Which rate of its policy binds, from 1; 0 where none was judged. */
function indexOf({ policy, rule, rules }: Decision): number {
  return rules.filter((view) => view.policy === policy).findIndex((view) => view.rule === rule) + 1
}

function levelOf({ limit, remaining, rate }: RuleView): BucketLevel {
  return {
    currentLevel: limit - remaining,
    flowRate: (rate.limit * 1000) / rate.windowMs,
    burstCapacity: limit,
    remainingCapacity: remaining,
  }
}

/** Domains and prefixes that a policy is for by name; of one that is for any others there are none to tell. */
function pairsOf({ match }: PolicyOptions): { readonly domain: string; readonly prefixKey: string }[] {
  return namesOf(match?.['domain']).flatMap((domain) =>
    namesOf(match?.['prefix']).map((prefixKey) => ({ domain, prefixKey })),
  )
}

function namesOf(pattern: unknown): string[] {
  return [pattern ?? []]
    .flat()
    .map(String)
    .filter((name) => !name.includes('*'))
}

function policiesOf(policy: PolicyOptions): PolicyConfig[] {
  return ruleRates(policy).map(({ rule, limit, windowMs, capacity }) => {
    return { name: rule, flowRatePerSecond: (limit * 1000) / windowMs, burstCapacity: capacity }
  })
}
