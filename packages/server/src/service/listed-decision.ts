import type { Decision } from 'headgate'

/** The decision on a request that a list names; no policy is asked and nothing is spent. */
export function listedDecision(listed: 'allow' | 'deny', cost: number): Decision {
  const nothing = {
    source: 'none',
    policy: null,
    rule: null,
    limit: null,
    remaining: null,
    cost,
    resetAfterMs: null,
    rules: [],
    shadow: [],
    receipt: null,
  } as const
  return listed === 'allow'
    ? { allowed: true, reason: 'unmatched', ...nothing, retryAfterMs: 0 }
    : { allowed: false, reason: 'denied-by-policy', ...nothing, retryAfterMs: null }
}
