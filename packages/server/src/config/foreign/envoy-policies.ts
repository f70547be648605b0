import type { PolicyOptions } from 'headgate'
import type { NotInForce } from '../../service/configuration.ts'
import { keyAttribute, LIMIT_ATTRIBUTE } from '../../service/envoy/limit-domains.ts'
import type { LimitDomain, LimitNode, NodeLimit } from '../../service/envoy/limit-node.ts'
import type { LimitUnit } from '../../service/envoy/units.ts'
import { formatPath, type Path } from '../config-error.ts'
import type { EnvoyDescriptor, EnvoyLimit, EnvoyShape } from './envoy-shape.ts'
import type { PolicyNames } from './policy-names.ts'

/** A policy made of a limit, and where that stands in its file. */
export interface MadePolicy {
  readonly policy: PolicyOptions
  readonly origin: Path
}

/** What a file of envoyproxy/ratelimit comes to. */
export interface EnvoyPolicies {
  readonly policies: readonly MadePolicy[]
  readonly domain: LimitDomain
  readonly notInForce: readonly NotInForce[]
}

/** Makes a policy of each limit, and the tree that finds it for a descriptor. */
export function envoyPolicies({ domain, descriptors = [] }: EnvoyShape, names: PolicyNames): EnvoyPolicies {
  const policies: MadePolicy[] = []
  const metrics: Path[] = []
  const nodesOf = (level: readonly EnvoyDescriptor[], at: Path, above: readonly string[]): LimitNode[] =>
    level.map((descriptor, i): LimitNode => {
      const { key, value = '', rate_limit, descriptors: inner = [] } = descriptor
      const path = [...at, i]
      const place = [...above, key, value]
      for (const field of ['detailed_metric', 'value_to_metric'] as const) {
        if (descriptor[field] === true) metrics.push([...path, field])
      }
      const made = rate_limit && policyOf(descriptor, rate_limit, { place, names })
      if (made) policies.push({ policy: made, origin: [...path, 'rate_limit'] })
      return {
        key,
        ...(value !== '' && { value }),
        isShared: descriptor.share_threshold === true,
        ...(rate_limit && { limit: limitOf(descriptor, rate_limit, made?.name ?? null) }),
        descriptors: nodesOf(inner, [...path, 'descriptors'], place),
      }
    })
  const nodes = nodesOf(descriptors, ['descriptors'], [domain])
  return { policies, domain: { domain, descriptors: nodes }, notInForce: withoutEffect(metrics) }
}

interface Named {
  /** The domain, and key and value of each entry down to the limit. */
  readonly place: readonly string[]
  readonly names: PolicyNames
}

/** Windows there begin at multiples of their length since 1970. */
function policyOf(
  { shadow_mode }: EnvoyDescriptor,
  { name = '', unlimited, unit = '', requests_per_unit = 0 }: EnvoyLimit,
  { place, names }: Named,
): PolicyOptions | null {
  if (unlimited === true) return null
  const wanted = name === '' ? place.filter((text) => text !== '').join('.') : name
  const given = names.give(wanted, place)
  return {
    name: given,
    match: { domain: place[0] as string, [LIMIT_ATTRIBUTE]: given },
    key: keyAttribute(given),
    missing: 'refuse',
    rules: [
      { algorithm: 'fixed-window', limit: `${requests_per_unit}/${unit.toLowerCase()}`, align: 'epoch' },
    ],
    ...(shadow_mode === true && { mode: 'shadow' }),
  }
}

function limitOf(
  { quota_mode, metadata }: EnvoyDescriptor,
  { name = '', unit = 'second', requests_per_unit = 0, replaces = [] }: EnvoyLimit,
  policy: string | null,
): NodeLimit {
  return {
    policy,
    name,
    requestsPerUnit: requests_per_unit,
    unit: unit.toUpperCase() as LimitUnit,
    replaces: replaces.map((one) => one.name),
    isQuota: quota_mode === true,
    ...(metadata && { metadata }),
  }
}

/** Values of requests are no labels: there would be no end of them. */
function withoutEffect(paths: readonly Path[]): NotInForce[] {
  const [first] = paths
  if (first === undefined) return []
  const path = formatPath(first)
  const more = paths.length === 1 ? '' : `, nor have ${paths.length - 1} more of its kind`
  const message = `${path} has no effect${more}: metrics count by policy, never by values of requests`
  return [{ path, message }]
}
