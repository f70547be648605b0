import { HeadgateError, show } from '../core/errors.ts'
import { encodeKey, fallbackKey, GLOBAL_KEY } from '../core/key.ts'
import type { Policy } from './compile-policy.ts'
import type { RequestAttributes } from './matcher.ts'

/** The key of a request under a policy; a missing attribute falls back to the client address. Without both, an error. */
export function keyOf(policy: Policy, request: RequestAttributes): string {
  const key = findKey(policy, request)
  if (key !== null) return key
  const attribute = policy.keyParts.find((part) => request.text(part) === undefined)
  const fix =
    attribute === 'key' ? 'pass a text, or give the policy a key' : 'pass it, or an ip to fall back to'
  throw new HeadgateError(
    'invalid-key',
    `policy ${policy.name} needs the attribute ${show(attribute)}; ${fix}`,
  )
}

/** As {@link keyOf}, but null where the client address is missing too. */
export function findKey({ keyParts }: Policy, request: RequestAttributes): string | null {
  if (keyParts.length === 0) return GLOBAL_KEY
  const parts: string[] = []
  for (const part of keyParts) {
    const text = request.text(part)
    if (text === undefined) {
      const ip = request.text('ip')
      return ip === undefined ? null : fallbackKey(ip)
    }
    parts.push(text)
  }
  return encodeKey(parts)
}
