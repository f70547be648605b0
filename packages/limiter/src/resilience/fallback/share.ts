import { type Budget, budgetOf } from '../../core/budget.ts'
import { compileRule, type Rule } from '../../core/rule.ts'

/** Units per milliseconds. */
interface WholeRate {
  readonly limit: number
  readonly window: number
}

/** Longest window a rule can have: 100 years, in milliseconds. */
const LONGEST_MS = 100 * 31_536_000_000
const SECOND_MS = 1000

/**
 * One replica's part of a budget: each rule a token bucket of its name that refills at N per W·R and holds
 * ⌊capacity/R⌋ units, but one at least. Whatever the rule is, its part compiles: where exact numbers do not fit, rate
 * and capacity are rounded down. A rate below one unit in 100 years is that.
 */
export function shareOf<B extends Budget>(budget: B, replicas: number): B {
  const rules = budget.rules.map((rule) => shareOfRule(rule, replicas))
  return { ...budget, ...budgetOf(budget.policy, rules) }
}

function shareOfRule(rule: Rule, replicas: number): Rule {
  const { limit, windowMs, capacity } = rule
  const burst = Math.max(1, Math.floor(capacity / replicas))
  const ms = windowMs * replicas
  for (const rate of ratesBelow(limit, ms)) {
    const share = bucketOf(rule, rate, burst)
    if (share !== null) return share
  }
  const slowest = { limit: 1, window: Math.min(LONGEST_MS, toSeconds(Math.ceil(ms / limit))) }
  for (let less = burst; ; less = Math.ceil(less / 2)) {
    const share = bucketOf(rule, slowest, less)
    if (share !== null) return share
  }
}

/** The rate itself, then rates just below it in smaller and smaller numbers. */
function* ratesBelow(limit: number, ms: number): Generator<WholeRate> {
  const [units, length] = [BigInt(limit), BigInt(ms)]
  for (let part = 1; part < ms * 2; part *= 2) {
    const exact = Math.ceil(ms / part)
    for (const window of [exact, toSeconds(exact)]) {
      const below = Number((units * BigInt(window)) / length)
      if (below >= 1 && below <= Number.MAX_SAFE_INTEGER && window <= LONGEST_MS)
        yield { limit: below, window }
    }
  }
}

/** Rounded up where that costs little; a bucket of whole seconds takes the largest numbers. */
function toSeconds(ms: number): number {
  return ms < SECOND_MS ? ms : Math.ceil(ms / SECOND_MS) * SECOND_MS
}

/** Null where it does not fit exact integers. */
function bucketOf({ name, byCall, identity }: Rule, limit: WholeRate, burst: number): Rule | null {
  const options = { name, algorithm: 'token-bucket', limit, burst }
  try {
    return compileRule(options, 'share', undefined, { stateName: identity.name, byCall })
  } catch {
    return null
  }
}
