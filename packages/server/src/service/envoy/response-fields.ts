/** What an answer over Envoy's protocol brings along for the response to the client, and for filters behind. */

import type { HttpSettings } from '../configuration.ts'
import type { DescriptorStatus, HeaderValue, RateLimitDescriptor, RateLimitRequest } from './messages.ts'
import type { Outcome } from './statuses.ts'

/** Names of the three fields. */
type Names = readonly [limit: string, remaining: string, reset: string]

const DRAFT = namesOf('RateLimit')
const LEGACY = namesOf('X-RateLimit')

const NAMES: Readonly<Record<NonNullable<HttpSettings['headers']>, readonly Names[]>> = {
  draft: [DRAFT],
  legacy: [LEGACY],
  both: [DRAFT, LEGACY],
  none: [],
}

function namesOf(prefix: string): Names {
  return [`${prefix}-Limit`, `${prefix}-Remaining`, `${prefix}-Reset`]
}

/** Header fields that tell of the limit nearest to its end; of those that deny it is the last one. */
export function responseHeaders(
  outcomes: readonly Outcome[],
  headers: NonNullable<HttpSettings['headers']> = 'draft',
): HeaderValue[] {
  const nearest = nearestOf(outcomes)
  if (nearest === null) return []
  const { currentLimit, limitRemaining, secondsUntilReset = 0 } = nearest
  const fields: HeaderValue[] = []
  for (const [limit, remaining, reset] of NAMES[headers]) {
    fields.push(
      { key: limit, value: String(currentLimit?.requestsPerUnit) },
      { key: remaining, value: String(limitRemaining) },
      { key: reset, value: String(secondsUntilReset) },
    )
  }
  return fields
}

function nearestOf(outcomes: readonly Outcome[]): DescriptorStatus | null {
  let denying: DescriptorStatus | null = null
  let nearest: DescriptorStatus | null = null
  for (const { plan, status } of outcomes) {
    if (status.currentLimit === undefined) continue
    const isQuota = plan.kind === 'ask' && plan.node?.isQuota === true
    if (status.code === 'OVER_LIMIT' && !isQuota) denying = status
    if (nearest === null || status.limitRemaining < nearest.limitRemaining) nearest = status
  }
  return denying ?? nearest
}

/** The metadata of limits that passed, with the request; null where no limit of the request has any. */
export function metadataOf(
  { domain, descriptors, hitsAddend = 0 }: RateLimitRequest,
  outcomes: readonly Outcome[],
): Readonly<Record<string, unknown>> | null {
  if (!outcomes.some(hasMetadata)) return null
  const nodes = outcomes.flatMap(({ plan, status }) => {
    const metadata = plan.kind === 'ask' ? plan.node?.metadata : undefined
    return metadata === undefined ? [] : [{ metadata, isPassed: status.code === 'OK' }]
  })
  const passed = nodes.filter(({ isPassed }) => isPassed).map(({ metadata }) => metadata)
  return {
    domain,
    descriptors: descriptors.map(describe),
    ...(hitsAddend > 0 && { hitsAddend }),
    ...(passed.length > 0 && { metadata: passed.reduce(merged, {}) }),
  }
}

function hasMetadata({ plan }: Outcome): boolean {
  return plan.kind === 'ask' && plan.node?.metadata !== undefined
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
