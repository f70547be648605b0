import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Budget } from '../../src/core/budget.ts'
import type { Rule, RuleOptions } from '../../src/core/rule.ts'
import { decide } from '../../src/testing/contract/case.ts'
import { anyRule, buckets, changedBudget, freshBudget, history, type Question, step } from './arbitraries.ts'
import { type Bench, onEveryStore } from './stores.ts'

/** Half of them two buckets, of which the later carries on what was used. */
const pairs = fc.oneof(fc.tuple(buckets, buckets), fc.tuple(anyRule, anyRule))

onEveryStore('G12 changing a rule acts at once', (stage) => {
  it('moving N by one changes remaining by at most 1 + |ΔB|', async () => {
    await fc.assert(
      fc.asyncProperty(anyRule, history(20), fc.constantFrom(-1, 1), async (rule, questions, by) => {
        const changed = withLimit(rule, by)
        fc.pre(changed !== null)
        const bench = stage.bench()
        const budget = freshBudget(rule)
        await play(bench, budget, questions)
        const moved = changedBudget(budget, changed as RuleOptions)
        expect(await differenceOf(bench, budget, moved)).toBeLessThanOrEqual(1 + deltaB(budget, moved))
      }),
      { numRuns: stage.runs(300) },
    )
  })

  it('moving B by any amount changes remaining by at most 1 + |ΔB|', async () => {
    const bursts = fc.integer({ min: 1, max: 500 })
    await fc.assert(
      fc.asyncProperty(buckets, history(20), bursts, async (rule, questions, burst) => {
        const bench = stage.bench()
        const budget = freshBudget(rule)
        await play(bench, budget, questions)
        const moved = changedBudget(budget, { ...rule, burst })
        expect(await differenceOf(bench, budget, moved)).toBeLessThanOrEqual(1 + deltaB(budget, moved))
      }),
      { numRuns: stage.runs(200) },
    )
  })

  it('another window or algorithm begins fresh, another rate of a bucket with what was used', async () => {
    const seen = { fresh: 0, carried: 0 }
    await fc.assert(
      fc.asyncProperty(pairs, history(20), async ([rule, other], questions) => {
        const bench = stage.bench()
        const budget = freshBudget(rule)
        const moved = changedBudget(budget, other)
        fc.pre(identityOf(budget) !== identityOf(moved))
        await play(bench, budget, questions)
        const used = await usedOf(bench, budget)
        const isCarried = kindOf(budget) === 'bucket' && kindOf(moved) === 'bucket'
        const { capacity } = ruleOf(moved)
        expect(await usedOf(bench, moved)).toBe(isCarried ? Math.min(used, capacity) : 0)
        seen[isCarried ? 'carried' : 'fresh']++
      }),
      { numRuns: stage.runs(400) },
    )
    expect(Math.min(seen.fresh, seen.carried)).toBeGreaterThan(stage.runs(400) / 50)
  })

  it('from then on the two are apart: neither judges, denies or forgets for the other', async () => {
    await fc.assert(
      fc.asyncProperty(anyRule, anyRule, history(20), history(20), async (rule, other, before, after) => {
        const bench = stage.bench()
        const budget = freshBudget(rule)
        const moved = changedBudget(budget, other)
        fc.pre(identityOf(budget) !== identityOf(moved))
        await play(bench, budget, before)
        const expected = await bench.ask('peek', { budget, key: 'key', cost: 1 })
        // A bucket with nothing used is none, and would begin with what the other has used.
        fc.pre((await bench.ask('peek', { budget, key: 'key', cost: 0 })).reset > 0)
        for (const { cost } of after) await bench.ask('consume', { budget: moved, key: 'key', cost })
        expect(await bench.ask('peek', { budget, key: 'key', cost: 1 })).toEqual(expected)
      }),
      { numRuns: stage.runs(300) },
    )
  })

  it('a wait told after a change is true, and at most the new window or W·B/N of a bucket', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyRule,
        anyRule,
        history(20),
        fc.boolean(),
        async (rule, other, questions, isNear) => {
          const bench = stage.bench()
          const budget = freshBudget(rule)
          await play(bench, budget, questions)
          const moved = changedBudget(budget, isNear ? (withLimit(rule, -1) ?? other) : other)
          const request = { budget: moved, key: 'key', cost: 1 }
          const { wait } = await bench.ask('consume', request)
          fc.pre(wait > 0)
          // What was used under a larger burst of the same rate is debt under a smaller one.
          const isSame = identityOf(budget) === identityOf(moved)
          expect(wait).toBeLessThanOrEqual(
            isSame ? Math.max(longest(budget), longest(moved)) : longest(moved),
          )
          bench.clock.advanceUs(wait - 1)
          expect((await bench.ask('consume', request)).wait).toBe(1)
          bench.clock.advanceUs(1)
          expect((await bench.ask('consume', request)).wait).toBe(0)
        },
      ),
      { numRuns: stage.runs(200) },
    )
  })

  it('a rule added, removed, renamed or moved leaves the others as they are', async () => {
    await fc.assert(
      fc.asyncProperty(anyRule, anyRule, history(15), async (rule, other, questions) => {
        const bench = stage.bench()
        const budget = freshBudget({ ...rule, name: 'kept' })
        await play(bench, budget, questions)
        const expected = await bench.ask('peek', { budget, key: 'key', cost: 1 })
        const both = changedBudget(budget, { ...other, name: 'new' }, { ...rule, name: 'kept' })
        const { waits } = await decide(bench.store, 'peek', [{ budget: both, key: 'key', cost: 1 }])
        expect(waits[1]).toBe(expected.wait)
        await bench.store.decide('charge', [{ budget: changedBudget(budget, other), key: 'key', cost: 1 }])
        expect(await bench.ask('peek', { budget, key: 'key', cost: 1 })).toEqual(expected)
      }),
      { numRuns: stage.runs(200) },
    )
  })
})

async function play({ clock, ask }: Bench, budget: Budget, questions: readonly Question[]): Promise<void> {
  for (const question of questions) {
    clock.advanceUs(step(budget, question))
    await ask('consume', { budget, key: 'key', cost: question.cost })
  }
}

function withLimit(rule: RuleOptions, by: number): RuleOptions | null {
  const rate = rule.limit as { limit: number; window: string }
  if (rate.limit + by < 1) return null
  return { ...rule, limit: { ...rate, limit: rate.limit + by } }
}

async function differenceOf(bench: Bench, before: Budget, after: Budget): Promise<number> {
  const [one, other] = [
    await bench.ask('peek', { budget: before, key: 'key', cost: 0 }),
    await bench.ask('peek', { budget: after, key: 'key', cost: 0 }),
  ]
  return Math.abs(one.remaining - other.remaining)
}

function deltaB(before: Budget, after: Budget): number {
  return Math.abs(ruleOf(before).capacity - ruleOf(after).capacity)
}

async function usedOf({ ask }: Bench, budget: Budget): Promise<number> {
  const { remaining } = await ask('peek', { budget, key: 'key', cost: 0 })
  return ruleOf(budget).capacity - remaining
}

/** A calendar's window is as long as the longest of its unit. */
function longest(budget: Budget): number {
  const { limit, capacity, windowMs } = ruleOf(budget)
  const us = windowMs * 1000
  if (kindOf(budget) === 'calendar') return us * 1.25
  return kindOf(budget) === 'bucket' ? Math.ceil((us * capacity) / limit) : us
}

function ruleOf(budget: Budget): Rule {
  return budget.rules[0] as Rule
}

function kindOf(budget: Budget): string {
  return ruleOf(budget).algorithm.kind
}

function identityOf(budget: Budget): string {
  return ruleOf(budget).identity.text
}
