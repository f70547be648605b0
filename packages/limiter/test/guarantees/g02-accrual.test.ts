import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Budget } from '../../src/core/budget.ts'
import type { Rule, RuleOptions } from '../../src/core/rule.ts'
import type { BudgetRequest } from '../../src/core/store.ts'
import { modelOf } from '../oracle/models.ts'
import { buckets, fixedWindows, freshBudget, slidingLogs, slidingWindows, windowUs } from './arbitraries.ts'
import { type Bench, onEveryStore } from './stores.ts'

const polls = fc.array(fc.nat(1000), { minLength: 5, maxLength: 60 })
const firstHit = fixedWindows.map((rule) => ({ ...rule, align: 'first-hit' }) as const)

onEveryStore('G2 no lost accrual', (stage) => {
  it('a client that offers more than the rate gets exactly the rate from a bucket, however it polls', async () => {
    await fc.assert(
      fc.asyncProperty(buckets, polls, async (rule, parts) => {
        const bench = stage.bench()
        const budget = freshBudget(rule)
        const { limit, capacity } = ruleOf(budget)
        const quantum = modelOf(ruleOf(budget)).quantum
        let total = await takeAll(bench, budget)
        const start = bench.clock.now()
        for (const part of parts) {
          // A denied client has spent more than B - 1 units: so long a pause never drains the bucket dry.
          bench.clock.advanceUs(Math.floor(((((capacity - 1) * windowUs(budget)) / limit) * part) / 1000))
          total += await takeAll(bench, budget)
        }
        const elapsed = (BigInt(bench.clock.now() - start) / quantum) * quantum
        const due = BigInt(capacity) + (elapsed * BigInt(limit)) / BigInt(windowUs(budget))
        expect(BigInt(total)).toBe(due)
      }),
      { numRuns: stage.runs(150) },
    )
  })

  it('a client that asks for one at a time, at the rate or faster, gets the rate from a bucket, less one', async () => {
    await fc.assert(
      fc.asyncProperty(buckets, polls, async (rule, parts) => {
        const bench = stage.bench()
        const budget = freshBudget({ ...rule, burst: Math.max(2, rule.burst ?? 0) })
        const { limit } = ruleOf(budget)
        const gap = Math.floor(windowUs(budget) / limit)
        const gaps = parts.map((part) => Math.ceil((gap * part) / 1000))
        const { admitted, elapsed } = await poll(bench, budget, gaps)
        expect((admitted + 1n) * BigInt(windowUs(budget))).toBeGreaterThanOrEqual(BigInt(limit) * elapsed)
      }),
      { numRuns: stage.runs(150) },
    )
  })

  it('a client that takes what there is, never pausing for longer than δ, gets N·T/(W + δ) − N from a window', async () => {
    const rules: fc.Arbitrary<RuleOptions> = fc.oneof(slidingWindows, slidingLogs, firstHit)
    const longest = fc.constantFrom(0.001, 0.05, 0.3, 1, 2)
    await fc.assert(
      fc.asyncProperty(rules, polls, longest, async (rule, parts, share) => {
        const bench = stage.bench()
        const budget = freshBudget(rule)
        const window = BigInt(windowUs(budget))
        const gaps = parts.map((part) => Math.ceil((windowUs(budget) * share * part) / 1000))
        const { admitted, elapsed } = await poll(bench, budget, gaps)
        const limit = BigInt(ruleOf(budget).limit)
        const period = window + BigInt(Math.max(...gaps))
        expect((admitted + limit) * period).toBeGreaterThanOrEqual(limit * elapsed)
      }),
      { numRuns: stage.runs(300) },
    )
  })
})

function ruleOf(budget: Budget): Rule {
  return budget.rules[0] as Rule
}

/** Asks at every gap: a bucket for one unit, a window for all there is. */
async function poll(
  { clock, ask }: Bench,
  budget: Budget,
  gaps: readonly number[],
): Promise<{ admitted: bigint; elapsed: bigint }> {
  const key = { budget, key: 'key' }
  const isBucket = ruleOf(budget).algorithm.kind === 'bucket'
  const start = clock.now()
  let admitted = 0n
  for (const gap of gaps) {
    clock.advanceUs(gap)
    const cost = isBucket ? 1 : Math.max(1, (await ask('peek', { ...key, cost: 0 })).remaining)
    const { wait } = await ask('consume', { ...key, cost })
    if (wait === 0) admitted += BigInt(cost)
  }
  return { admitted, elapsed: BigInt(clock.now() - start) }
}

/** Spends one unit at a time, until one is denied: two more polls in the same instant must not matter. */
async function takeAll(bench: Bench, budget: Budget): Promise<number> {
  const request: BudgetRequest = { budget, key: 'key', cost: 1 }
  for (let taken = 0; ; taken++) {
    const { wait } = await bench.ask('consume', request)
    if (wait === 0) continue
    await bench.ask('consume', request)
    await bench.ask('consume', { ...request, cost: 2 ** 50 })
    return taken
  }
}
