import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { BucketTerms } from '../../core/algorithms/bucket.ts'
import { type Budget, budgetOf } from '../../core/budget.ts'
import { compileRule, type RuleOptions } from '../../core/rule.ts'
import { shareOf } from './share.ts'

const LONGEST_MS = 100 * 31_536_000_000

const magnitudes = (most: number): fc.Arbitrary<number> =>
  fc
    .tuple(fc.integer({ min: 0, max: Math.floor(Math.log2(most)) }), fc.nat(2 ** 31))
    .map(([power, noise]) => Math.min(most, 2 ** power + (noise % 2 ** Math.min(power, 31))))
const limits = fc.oneof(fc.integer({ min: 1, max: 200 }), magnitudes(Number.MAX_SAFE_INTEGER))
const windows = fc.oneof(
  fc.constantFrom(1, 1000, 60_000, 3_600_000, 86_400_000, 2_592_000_000, 31_536_000_000, LONGEST_MS),
  magnitudes(LONGEST_MS),
)
const rates = fc.record({ limit: limits, window: windows })
const rules: fc.Arbitrary<RuleOptions> = fc.oneof(
  fc
    .record({ limit: rates, burst: limits })
    .map(({ limit, burst }) => ({ algorithm: 'token-bucket', limit, burst })),
  rates.map((limit) => ({ algorithm: 'fixed-window', limit })),
  rates.map((limit) => ({ algorithm: 'sliding-log', limit })),
  fc
    .record({ limit: rates, segments: fc.constantFrom(2, 3, 10, 60) })
    .map(({ limit, segments }) => ({ limit, segments })),
)

describe('a share of a budget', () => {
  it('compiles for every valid rule and up to 1,000 replicas, and is never more than its part', () => {
    let valid = 0
    let rounded = 0
    fc.assert(
      fc.property(rules, fc.integer({ min: 1, max: 1000 }), (options, replicas) => {
        const budget = compiled(options)
        if (budget === null) return
        valid++
        const [rule] = budget.rules
        const [share] = shareOf(budget, replicas).rules
        if (rule === undefined || share === undefined) throw new Error('a rule is missing')
        const wanted = Math.max(1, Math.floor(rule.capacity / replicas))
        expect(share.name).toBe(rule.name)
        expect(share.capacity).toBeLessThanOrEqual(wanted)
        expect(share.capacity).toBeGreaterThanOrEqual(1)
        const terms = share.terms as BucketTerms
        // Units per microsecond, as fractions: drain / (unit · quantum) against limit / (window · R).
        const own = BigInt(terms.drain) * BigInt(rule.windowMs) * 1000n * BigInt(replicas)
        const part = BigInt(rule.limit) * BigInt(terms.unit) * BigInt(terms.quantum)
        const slowest = BigInt(terms.unit) * BigInt(terms.quantum) === BigInt(LONGEST_MS) * 1000n
        if (!slowest) expect(own <= part).toBe(true)
        if (own !== part || share.capacity !== wanted) rounded++
        // Rounding costs little wherever numbers are not out of this world.
        if (rule.limit < 1e9 && rule.capacity < 1e9 && rule.windowMs <= 86_400_000) {
          expect(Number((own * 1000n) / part)).toBeGreaterThanOrEqual(990)
          expect(share.capacity).toBe(wanted)
        }
      }),
      { numRuns: 5000 },
    )
    expect(valid).toBeGreaterThan(2000)
    expect(rounded).toBeGreaterThan(20)
  })

  it('is a bucket of the rule’s name: 100/min with three replicas refills at 100 in 3 min and holds 33', () => {
    const budget = budgetOf('api', [compileRule('100/min', 'rule')])
    expect(shareOf(budget, 3).rules).toMatchObject([
      { name: '1m', limit: 100, windowMs: 180_000, capacity: 33, algorithm: { kind: 'bucket' } },
    ])
  })

  it('holds one unit at least', () => {
    const budget = budgetOf('login', [compileRule('5/15m', 'rule')])
    expect(shareOf(budget, 100).rules).toMatchObject([{ capacity: 1, windowMs: 90_000_000 }])
  })

  it('keeps what else a budget says', () => {
    const budget = { ...budgetOf('api', [compileRule('5/s', 'rule')]), onStoreError: 'local' as const, x: 1 }
    expect(shareOf(budget, 2)).toMatchObject({
      policy: 'api',
      denyingRule: null,
      onStoreError: 'local',
      x: 1,
    })
  })
})

/** Null for a rule that nobody can write. */
function compiled(options: RuleOptions): Budget | null {
  try {
    return budgetOf('policy', [compileRule({ name: 'rule', ...options }, 'rule')])
  } catch {
    return null
  }
}
