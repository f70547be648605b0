import { HeadgateError, show } from '../core/errors.ts'
import { encodeKey, fallbackKey, GLOBAL_KEY } from '../core/key.ts'
import type { PolicyOptions } from '../core/policy-options.ts'
import type { Policy } from './compile-policy.ts'
import { ifReadable } from './readable.ts'
import type { RequestAttributes } from './request-attributes.ts'

/** What of a policy makes a key that can be read. */
type KeyedPolicy = Pick<Policy, 'keyParts'> & {
  readonly options: Pick<PolicyOptions, 'missing' | 'ipv6Prefix'>
}

/** The key of a request under a policy; an error where {@link findKey} finds none. */
export function keyOf(policy: Policy, request: RequestAttributes): string {
  const key = findKey(policy, request)
  if (key !== null) return key
  const attribute = policy.keyParts.find((part) => request.text(part) === undefined)
  const byIp = missingOf(policy) === 'ip' ? 'pass it, or an ip to fall back to' : 'pass it'
  const fix = attribute === 'key' ? 'pass a text, or give the policy a key' : byIp
  throw new HeadgateError(
    'invalid-key',
    `policy ${policy.name} needs the attribute ${show(attribute)}; ${fix}`,
  )
}

/**
 * The key of a request under a policy, by its address where an attribute is missing; null where there is none. An attribute that
 * is none is an `invalid-key` error; for a policy that refuses nobody it is as good as missing.
 */
export function findKey(policy: Policy, request: RequestAttributes): string | null {
  return policy.canRefuse ? readKey(policy, request) : (ifReadable(() => readKey(policy, request)) ?? null)
}

/** As {@link findKey}, but an attribute that is none is an error under every policy. */
export function readKey(policy: Policy, request: RequestAttributes): string | null {
  const key = readableKey(policy, request)
  return key === null || policy.hashedKeys === null ? key : policy.hashedKeys.of(key)
}

/** As {@link readKey}, before it is hashed where keys are. */
export function readableKey(policy: KeyedPolicy, request: RequestAttributes): string | null {
  const { keyParts, options } = policy
  const { ipv6Prefix } = options
  const { scope } = request
  const parts: string[] = scope === undefined ? [] : [scope]
  if (keyParts.length === 0) return scope === undefined ? GLOBAL_KEY : encodeKey(parts)
  for (const part of keyParts) {
    const text = request.keyText(part, ipv6Prefix)
    if (text === undefined) {
      const ip = missingOf(policy) === 'ip' ? request.keyText('ip', ipv6Prefix) : undefined
      if (ip === undefined) return null
      // Of a scope the form with lengths, which no address has.
      return fallbackKey(scope === undefined ? ip : encodeKey([scope, ip]))
    }
    parts.push(text)
  }
  return encodeKey(parts)
}

function missingOf({ options: { missing = 'ip' } }: KeyedPolicy): NonNullable<PolicyOptions['missing']> {
  return missing
}
