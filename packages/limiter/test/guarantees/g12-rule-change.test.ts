import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Budget } from '../../src/core/budget.ts'
import type { RuleOptions } from '../../src/core/rule.ts'
import { modelOf } from '../oracle/models.ts'
import { anyRule, buckets, changedBudget, freshBudget, history, type Question, step } from './arbitraries.ts'
import { type Bench, onEveryStore } from './stores.ts'

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
    await fc.assert(
      fc.asyncProperty(
        buckets,
        history(20),
        fc.integer({ min: 1, max: 500 }),
        async (rule, questions, burst) => {
          const bench = stage.bench()
          const budget = freshBudget(rule)
          await play(bench, budget, questions)
          const moved = changedBudget(budget, { ...rule, burst })
          expect(await differenceOf(bench, budget, moved)).toBeLessThanOrEqual(1 + deltaB(budget, moved))
        },
      ),
      { numRuns: stage.runs(200) },
    )
  })

  it('any change of a rule keeps what is used, to within one unit', async () => {
    await fc.assert(
      fc.asyncProperty(anyRule, anyRule, history(20), async (rule, other, questions) => {
        const bench = stage.bench()
        const budget = freshBudget(rule)
        await play(bench, budget, questions)
        const moved = changedBudget(budget, other)
        const [before, after] = [await used(bench, budget), await used(bench, moved)]
        const capacity = moved.rules[0]?.capacity ?? 0
        expect(after).toBeLessThanOrEqual(Math.min(before + 1, capacity))
        // A log keeps its entries, of which a shorter window has forgotten some.
        if (rule.algorithm === 'sliding-log' && other.algorithm === 'sliding-log') return
        expect(after).toBeGreaterThanOrEqual(Math.min(before - slack(budget, moved), capacity))
      }),
      { numRuns: stage.runs(300) },
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
        const { numbers } = await bench.store.decide('peek', [{ budget: both, key: 'key', cost: 1 }])
        expect(numbers[3]).toBe(expected.wait)
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

async function differenceOf({ ask }: Bench, before: Budget, after: Budget): Promise<number> {
  const [one, other] = [
    await ask('peek', { budget: before, key: 'key', cost: 0 }),
    await ask('peek', { budget: after, key: 'key', cost: 0 }),
  ]
  return Math.abs(one.remaining - other.remaining)
}

function deltaB(before: Budget, after: Budget): number {
  return Math.abs((before.rules[0]?.capacity ?? 0) - (after.rules[0]?.capacity ?? 0))
}

async function used({ ask }: Bench, budget: Budget): Promise<number> {
  const { remaining } = await ask('peek', { budget, key: 'key', cost: 0 })
  return (budget.rules[0]?.capacity ?? 0) - remaining
}

/** Units that may have drained meanwhile: a finer clock sees what a coarser one had not counted yet. */
function slack(before: Budget, after: Budget): number {
  const [old, rule] = [before.rules[0], after.rules[0]]
  if (old === undefined || rule === undefined) return 1
  const quantum = Number(modelOf(old).quantum)
  return 1 + (quantum > 1 ? Math.ceil((rule.limit * quantum) / (rule.windowMs * 1000)) : 0)
}
