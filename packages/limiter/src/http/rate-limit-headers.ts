import { type Decision, type RuleView, retryAfterSeconds } from '../core/decision.ts'
import { wrong } from '../core/errors.ts'

/** Which fields tell a client of its limits. */
export interface HeaderOptions {
  /**
   * `draft`: `RateLimit-Policy` and `RateLimit` of draft-ietf-httpapi-ratelimit-headers-11. `legacy`: `X-RateLimit-Limit`,
   * `X-RateLimit-Remaining` and `X-RateLimit-Reset` of the binding rule. `both`, or `none`. A denial that ends has
   * `Retry-After` with all of them.
   * @default 'draft'
   */
  readonly headers?: 'draft' | 'legacy' | 'both' | 'none'
  /**
   * What `X-RateLimit-Reset` counts: seconds from now (`delta`), or since 1970 (`epoch`).
   * @default 'delta'
   */
  readonly reset?: 'delta' | 'epoch'
  /**
   * The time that an `epoch` starts from, in milliseconds since 1970.
   * @default Date.now()
   */
  readonly nowMs?: number
}

/** Largest integer in a structured field (RFC 9651, section 3.3.1): 15 digits. */
const INTEGER_MAX = 999_999_999_999_999
/** Names that need no care, as those of checked policies are. */
const PLAIN = /^[\w./~-]+$/
/** Longest `RateLimit-Policy`: with it all fields together, names included, stay within 2 KiB, which every client can read. */
const POLICY_LENGTH_MAX = 1400

/**
 * The header fields of a decision. `RateLimit-Policy` begins with the binding rule and lists as many others as have room: all
 * fields together are at most 2 KiB. `RateLimit` is the binding rule. Names are lower-case, seconds are rounded up, and
 * `Retry-After` is at least 1. Without a rule that was evaluated there is at most `Retry-After`. Invalid options throw
 * `invalid-options`.
 *
 * ```
 * ratelimit-policy: "api/1m";q=100;w=60
 * ratelimit: "api/1m";r=97;t=60
 * ```
 */
export function rateLimitHeaders(decision: Decision, options: HeaderOptions = {}): Record<string, string> {
  checkHeaderOptions(options)
  const { headers: style = 'draft' } = options
  const seconds = secondsUntilMore(decision)
  return {
    ...((style === 'draft' || style === 'both') && draftFields(decision, seconds)),
    ...((style === 'legacy' || style === 'both') && legacyFields(decision, seconds, options)),
    ...(!decision.allowed && seconds !== null && { 'retry-after': String(seconds) }),
  }
}

function checkHeaderOptions({ headers = 'draft', reset = 'delta', nowMs = 0 }: HeaderOptions): void {
  if (headers !== 'draft' && headers !== 'legacy' && headers !== 'both' && headers !== 'none') {
    throw wrong(headers, 'is no style of fields; use draft, legacy, both or none', 'headers')
  }
  if (reset !== 'delta' && reset !== 'epoch') throw wrong(reset, 'is neither delta nor epoch', 'reset')
  if (!Number.isFinite(nowMs)) throw wrong(nowMs, 'is no time; use milliseconds since 1970', 'nowMs')
}

function draftFields({ policy, rule, rules, remaining }: Decision, seconds: number | null): Fields {
  if (policy === null || rule === null || rules.length === 0) return {}
  const item = `${name(policy, rule)};r=${integer(remaining ?? 0)}`
  return {
    'ratelimit-policy': policyList(rules, (view) => view.policy === policy && view.rule === rule),
    ratelimit: seconds === null ? item : `${item};t=${seconds}`,
  }
}

type Fields = Record<string, string>

/** The binding rule first, then the others in their order up to the first that has no room. */
function policyList(rules: readonly RuleView[], isBinding: (view: RuleView) => boolean): string {
  const [only] = rules
  if (only !== undefined && rules.length === 1) return policyItem(only)
  const items = [...rules.filter(isBinding), ...rules.filter((view) => !isBinding(view))]
  let list = ''
  for (const view of items) {
    const longer = list === '' ? policyItem(view) : `${list}, ${policyItem(view)}`
    if (list !== '' && longer.length > POLICY_LENGTH_MAX) break
    list = longer
  }
  return list
}

/** What is the same in every decision on a rule, which all of them tell by one `rate` object. */
interface RuleItem extends Pick<RuleView, 'policy' | 'rule' | 'limit'> {
  readonly text: string
}

const items = new WeakMap<RuleView['rate'], RuleItem>()

function policyItem({ policy, rule, limit, rate }: RuleView): string {
  const known = items.get(rate)
  if (known?.policy === policy && known.rule === rule && known.limit === limit) return known.text
  const item = `${name(policy, rule)};q=${integer(limit)}`
  const seconds = windowSeconds(limit, rate)
  const text = seconds === null ? item : `${item};w=${seconds}`
  // Those of a limiter are; what somebody else has made may change.
  if (Object.isFrozen(rate)) items.set(rate, { policy, rule, limit, text })
  return text
}

function legacyFields(
  { limit, remaining }: Decision,
  seconds: number | null,
  { reset = 'delta', nowMs = Date.now() }: HeaderOptions,
): Fields {
  if (limit === null || remaining === null) return {}
  const from = reset === 'delta' ? 0 : Math.ceil(nowMs / 1000)
  return {
    'x-ratelimit-limit': String(integer(limit)),
    'x-ratelimit-remaining': String(integer(remaining)),
    ...(seconds !== null && { 'x-ratelimit-reset': String(integer(from + seconds)) }),
  }
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
  // A client that is told 0 comes back at once, and is denied again.
  return seconds === null ? null : integer(Math.max(1, seconds))
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
  const plain = `${policy}/${rule}`
  if (PLAIN.test(plain)) return `"${plain}"`
  const text = plain.replaceAll(/[^\x20-\x7e]/g, '?')
  return `"${text.replaceAll(/["\\]/g, '\\$&')}"`
}
