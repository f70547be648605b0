import type { Budget } from '../../core/budget.ts'
import { compileRule, type Rule } from '../../core/rule.ts'

/** A rate: `limit` units per `window` milliseconds, both whole numbers. */
interface WholeRate {
  readonly limit: number
  readonly window: number
}

/** Longest window of a rule: 100 years. */
const WINDOW_MAX_MS = 100 * 31_536_000_000
const SECOND_MS = 1000

/**
 * One replica's share of a budget, with R replicas: each rule becomes a token bucket of the same name that refills at
 * N per W·R and holds ⌊capacity/R⌋ units, but at least one. Rate and capacity are rounded down where exact numbers do
 * not fit 2^53, so that the share of every rule compiles; the lowest rate is one unit in 100 years. It bans nobody.
 */
export function shareOf<B extends Budget>(budget: B, replicas: number): B {
  const rules = budget.rules.map((rule) => shareOfRule(rule, replicas))
  const inForce = new Set(rules.map(({ identity }) => identity.id))
  return { ...budget, rules, inForce, bans: undefined }
}

function shareOfRule(rule: Rule, replicas: number): Rule {
  const { limit, windowMs, capacity } = rule
  const burst = Math.max(1, Math.floor(capacity / replicas))
  const ms = windowMs * replicas
  for (const rate of ratesBelow(limit, ms)) {
    const share = bucketOf(rule, rate, burst)
    if (share !== null) return share
  }
  const slowest = { limit: 1, window: Math.min(WINDOW_MAX_MS, toSeconds(Math.ceil(ms / limit))) }
  for (let reduced = burst; ; reduced = Math.ceil(reduced / 2)) {
    const share = bucketOf(rule, slowest, reduced)
    if (share !== null) return share
  }
}

/** The rate itself, then the closest rates below it that use smaller and smaller numbers. */
function* ratesBelow(limit: number, ms: number): Generator<WholeRate> {
  const [units, length] = [BigInt(limit), BigInt(ms)]
  for (let divisor = 1; divisor < ms * 2; divisor *= 2) {
    const exact = Math.ceil(ms / divisor)
    for (const window of [exact, toSeconds(exact)]) {
      const below = Number((units * BigInt(window)) / length)
      if (below >= 1 && below <= Number.MAX_SAFE_INTEGER && window <= WINDOW_MAX_MS)
        yield { limit: below, window }
    }
  }
}

/** Rounds up to whole seconds, which let a bucket have the largest numbers; not below a second, where it costs much. */
function toSeconds(ms: number): number {
  return ms < SECOND_MS ? ms : Math.ceil(ms / SECOND_MS) * SECOND_MS
}

/** A bucket with the name of a rule; null if its numbers do not fit 2^53. */
function bucketOf({ name, byCall, shadow, identity }: Rule, limit: WholeRate, burst: number): Rule | null {
  const options = { algorithm: 'token-bucket', limit, burst }
  try {
    return { ...compileRule(options, 'share', { stateName: identity.name, byCall }), name, shadow }
  } catch {
    return null
  }
}
