import { type Decision, type RuleView, retryAfterSeconds } from '../core/decision.ts'

/** Largest integer in a structured field (RFC 9651, section 3.3.1): 15 digits. */
const INTEGER_MAX = 999_999_999_999_999

/**
 * The header fields of a decision, by draft-ietf-httpapi-ratelimit-headers-10: `RateLimit-Policy` lists every rule evaluated,
 * `RateLimit` the binding one, and a denial with a wait has `Retry-After`. Names are lower-case, seconds are rounded up. Empty
 * where no rule was evaluated.
 *
 * ```
 * ratelimit-policy: "api/1m";q=100;w=60
 * ratelimit: "api/1m";r=97;t=60
 * ```
 */
export function rateLimitHeaders(decision: Decision): Record<string, string> {
  const headers: Record<string, string> = {}
  if (decision.rules.length > 0) headers['ratelimit-policy'] = decision.rules.map(policyItem).join(', ')
  const seconds = secondsUntilMore(decision)
  if (decision.policy !== null && decision.rule !== null) {
    const item = `${name(decision.policy, decision.rule)};r=${integer(decision.remaining ?? 0)}`
    headers['ratelimit'] = seconds === null ? item : `${item};t=${seconds}`
  }
  if (!decision.allowed && seconds !== null) headers['retry-after'] = String(seconds)
  return headers
}

function policyItem({ policy, rule, limit, rate }: RuleView): string {
  const item = `${name(policy, rule)};q=${integer(limit)}`
  const seconds = windowSeconds(limit, rate)
  return seconds === null ? item : `${item};w=${seconds}`
}

/** Seconds in which `capacity` units accrue: a burst of 20 at 10/s is 20 units in 2 s. Null when less than 1. */
function windowSeconds(capacity: number, { limit, windowMs }: RuleView['rate']): number | null {
  const seconds = limit === 0 ? windowMs / 1000 : ((capacity / limit) * windowMs) / 1000
  return seconds < 1 ? null : integer(ceil(seconds))
}

/** Rounded up from the exact wait: the timer slack of this process does not concern a client. */
function secondsUntilMore(decision: Decision): number | null {
  const { allowed, resetAfterMs } = decision
  if (allowed) return resetAfterMs === null ? null : integer(Math.ceil(resetAfterMs / 1000))
  const seconds = retryAfterSeconds(decision)
  return seconds === null ? null : integer(seconds)
}

/** Rounds up, ignoring the rounding error of a division: 3 units at 3/7 s are 7 s, not 8. */
function ceil(value: number): number {
  const near = Math.round(value)
  return Math.abs(value - near) <= near * 4 * Number.EPSILON ? near : Math.ceil(value)
}

function integer(value: number): number {
  return Math.min(INTEGER_MAX, Math.max(0, value))
}

/** A string in a structured field: printable ASCII, with quotes and backslashes escaped (RFC 9651, section 3.3.3). */
function name(policy: string, rule: string): string {
  const text = `${policy}/${rule}`.replaceAll(/[^\x20-\x7e]/g, '?')
  return `"${text.replaceAll(/["\\]/g, '\\$&')}"`
}
