import type { Policy } from './compile-policy.ts'
import { findKey } from './policy-key.ts'
import type { RequestAttributes } from './request-attributes.ts'
import { isInShare, type KeyShare, type Stage } from './rollout.ts'

/** A policy that applies to a request. */
export interface AppliedPolicy {
  readonly name: string
  readonly policy: Policy
  readonly choose: Policy['choose']
  /** Whose budget is spent; null where the request lacks an attribute of the key, which is then an error. */
  readonly key: string | null
  readonly stage: Stage
  /** Whether it can deny this request: it is not in shadow, and the key is inside its rollout. */
  readonly enforces: boolean
}

/**
 * How a policy stands to the requests under one key. One without a key is inside every rollout above 0 %: leaving the key out
 * must be no way around a policy that is in force for others.
 */
export function stageOf({ name, options, rollout, shadow }: Policy, key: string | null): Stage {
  const isIn = (share: KeyShare): boolean => (key === null ? share > 0 : isInShare(share, name, key))
  if (options.mode === 'shadow' || !isIn(rollout)) return 'counted'
  return shadow !== null && isIn(shadow.share) ? 'trial' : 'live'
}

/**
 * A policy as it applies to a request that it matches; null where it is skipped for want of an attribute. A policy in shadow
 * never refuses a request, so it is skipped too.
 */
export function appliedPolicy(policy: Policy, request: RequestAttributes): AppliedPolicy | null {
  const { name, choose, options } = policy
  const key = findKey(policy, request)
  const stage = stageOf(policy, key)
  const enforces = stage !== 'counted'
  if (key === null && (options.missing === 'skip' || !enforces)) return null
  return { name, policy, choose, key, stage, enforces }
}
