import { type Attributes, createLimiter, type PolicyOptions } from 'headgate'
import { LIMIT_ATTRIBUTE } from '../service/envoy/limit-domains.ts'
import { withoutStore } from './stores.ts'

/** Requests to try a configuration with. */
export interface Example {
  readonly attributes: Attributes
  /** Somebody else's request that is denied when asked twice; null when the policy admits nothing at all. */
  readonly twice: { readonly attributes: Attributes; readonly cost: number } | null
}

/** An example for the first policy that is on; asked of a store of its own, so that it spends nothing. */
export async function exampleFor(policies: readonly PolicyOptions[]): Promise<Example> {
  // Descriptors are for other wires to send.
  const isOfWires = ({ match = {} }: PolicyOptions): boolean =>
    match['descriptor'] !== undefined || match[LIMIT_ATTRIBUTE] !== undefined
  const policy = policies.find((one) => one.mode !== 'off' && !isOfWires(one))
  if (policy === undefined) return { attributes: { user: 'alice' }, twice: null }
  const alice = attributesFor(policy, { name: 'alice', ip: '203.0.113.7' })
  const bob = attributesFor(policy, { name: 'bob', ip: '203.0.113.8' })
  const limiter = createLimiter({ policies: policies.map(withoutStore) })
  // Other policies may match too and be keyed by something else, for which an address stands in.
  const needsIp = await limiter.peek(bob).then(
    () => false,
    () => true,
  )
  const example = needsIp ? { ip: '203.0.113.8', ...bob } : bob
  const { rules } = await limiter.peek(example)
  const capacity = Math.min(...rules.map(({ limit }) => limit))
  const admits = Number.isFinite(capacity) && capacity > 0
  return {
    attributes: needsIp ? { ip: '203.0.113.7', ...alice } : alice,
    twice: admits ? { attributes: example, cost: capacity } : null,
  }
}

function attributesFor(
  { match = {}, key = 'key' }: PolicyOptions,
  who: { name: string; ip: string },
): Attributes {
  const parts = key === 'global' ? [] : [key].flat()
  const keyed = parts.map((part): [string, string] => [part, part === 'ip' ? who.ip : who.name])
  const matched = Object.entries(match).map(([name, values]): [string, string | number] => {
    const [value] = [values].flat()
    const any = name === 'path' ? 'x' : who.name
    return [name, typeof value === 'number' ? value : String(value).replaceAll(/\*+/g, any)]
  })
  return Object.fromEntries([...keyed, ...matched])
}
