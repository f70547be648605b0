import { attributesOf, type Who } from '../core/key.ts'
import { compileKey } from '../policies/compile-policy.ts'
import { readableKey } from '../policies/policy-key.ts'
import { RequestAttributes } from '../policies/request-attributes.ts'
import type { RateLimitOptions } from './rate-limit-options.ts'
import { policyKeyOf, type WhoOptions } from './request-who.ts'

/** Whose budget a request spends, as the text that it is stored by; undefined where that is none. */
export type KeyText = (who: Who) => string | undefined

/**
 * Compiles what `headers.partitionKey` is told of; null where it is not asked for, and where several policies may each have a key
 * of their own.
 */
export function compileKeyText<R>(options: RateLimitOptions<R> & WhoOptions<R>): KeyText | null {
  const { headers, policies, limiter, ipv6Prefix } = options
  if (headers === undefined || headers === false || headers.partitionKey === undefined) return null
  if (policies !== undefined || limiter !== undefined) return null
  const keyParts = compileKey(policyKeyOf(options), 'options.key')
  const policy = { keyParts, options: ipv6Prefix === undefined ? {} : { ipv6Prefix } }
  return (who) => readableKey(policy, new RequestAttributes(attributesOf(who))) ?? undefined
}
