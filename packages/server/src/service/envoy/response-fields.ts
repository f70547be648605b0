/** What an answer over Envoy's protocol brings along for the response to the client, and for filters behind. */

import type { HttpSettings } from '../configuration.ts'
import type { DescriptorStatus, HeaderValue, RateLimitDescriptor, RateLimitRequest } from './messages.ts'
import type { Outcome } from './statuses.ts'

const PREFIXES: Readonly<Record<NonNullable<HttpSettings['headers']>, readonly string[]>> = {
  draft: ['RateLimit'],
  legacy: ['X-RateLimit'],
  both: ['RateLimit', 'X-RateLimit'],
  none: [],
}

/** Header fields that tell of the limit nearest to its end; of those that deny it is the last one. */
export function responseHeaders(
  outcomes: readonly Outcome[],
  headers: NonNullable<HttpSettings['headers']> = 'draft',
): HeaderValue[] {
  const nearest = nearestOf(outcomes)
  if (nearest === null) return []
  const { currentLimit, limitRemaining, secondsUntilReset = 0 } = nearest
  return PREFIXES[headers].flatMap((prefix) => [
    { key: `${prefix}-Limit`, value: String(currentLimit?.requestsPerUnit) },
    { key: `${prefix}-Remaining`, value: String(limitRemaining) },
    { key: `${prefix}-Reset`, value: String(secondsUntilReset) },
  ])
}

function nearestOf(outcomes: readonly Outcome[]): DescriptorStatus | null {
  const limited = outcomes.filter(({ status }) => status.currentLimit !== undefined)
  const denying = limited.findLast(({ plan, status }) => {
    return status.code === 'OVER_LIMIT' && !(plan.kind === 'ask' && plan.node?.isQuota === true)
  })
  if (denying !== undefined) return denying.status
  const statuses = limited.map(({ status }) => status)
  const least = Math.min(...statuses.map(({ limitRemaining }) => limitRemaining))
  return statuses.find(({ limitRemaining }) => limitRemaining === least) ?? null
}

/** The metadata of limits that passed, with the request; null where no limit of the request has any. */
export function metadataOf(
  { domain, descriptors, hitsAddend = 0 }: RateLimitRequest,
  outcomes: readonly Outcome[],
): Readonly<Record<string, unknown>> | null {
  const nodes = outcomes.flatMap(({ plan, status }) => {
    const metadata = plan.kind === 'ask' ? plan.node?.metadata : undefined
    return metadata === undefined ? [] : [{ metadata, isPassed: status.code === 'OK' }]
  })
  if (nodes.length === 0) return null
  const passed = nodes.filter(({ isPassed }) => isPassed).map(({ metadata }) => metadata)
  return {
    domain,
    descriptors: descriptors.map(describe),
    ...(hitsAddend > 0 && { hitsAddend }),
    ...(passed.length > 0 && { metadata: passed.reduce(merged, {}) }),
  }
}

function describe({ entries, limit, hitsAddend }: RateLimitDescriptor): object {
  return {
    entries: entries.map(({ key, value }) => `${key}=${value}`),
    ...(limit && { limit: `requests_per_unit:${limit.requestsPerUnit} unit:${limit.unit}` }),
    ...(hitsAddend !== undefined && { hitsAddend }),
  }
}

type Metadata = Readonly<Record<string, unknown>>

/** What is there first stays, maps are merged. */
function merged(into: Metadata, from: Metadata): Metadata {
  const added = Object.entries(from).map(([key, value]) => {
    const [earlier, later] = [Object.hasOwn(into, key) ? into[key] : undefined, value]
    if (earlier === undefined) return [key, later]
    return [key, isMap(earlier) && isMap(later) ? merged(earlier, later) : earlier]
  })
  return { ...into, ...Object.fromEntries(added) }
}

function isMap(value: unknown): value is Metadata {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
