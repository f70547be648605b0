import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Ask } from '../../src/core/store.ts'
import { modelOf } from '../oracle/models.ts'
import { buckets, freshBudget, windowUs } from './arbitraries.ts'
import { type Bench, onEveryStore } from './stores.ts'

onEveryStore('G2 no lost accrual', (stage) => {
  it('a client that offers more than the rate gets exactly the rate, however it polls', async () => {
    await fc.assert(
      fc.asyncProperty(
        buckets,
        fc.array(fc.nat(1000), { minLength: 5, maxLength: 60 }),
        async (rule, polls) => {
          const bench = stage.bench()
          const budget = freshBudget(rule)
          const { limit = 0, capacity = 0 } = budget.rules[0] ?? {}
          const quantum = modelOf(budget.rules[0] as (typeof budget.rules)[number]).quantum
          const ask = { budget, key: 'key', cost: 1 }
          let total = await takeAll(bench, ask)
          const start = bench.clock.now()
          for (const poll of polls) {
            // A denied client has spent more than B - 1 units: so long a pause never drains the bucket dry.
            bench.clock.advanceUs(Math.floor(((((capacity - 1) * windowUs(budget)) / limit) * poll) / 1000))
            total += await takeAll(bench, ask)
          }
          const elapsed = (BigInt(bench.clock.now() - start) / quantum) * quantum
          const due = BigInt(capacity) + (elapsed * BigInt(limit)) / BigInt(windowUs(budget))
          expect(BigInt(total)).toBe(due)
        },
      ),
      { numRuns: stage.runs(150) },
    )
  })
})

/** Spends one unit at a time, until one is denied: two more polls in the same instant must not matter. */
async function takeAll(bench: Bench, ask: Ask): Promise<number> {
  for (let taken = 0; ; taken++) {
    const { wait } = await bench.ask('consume', ask)
    if (wait === 0) continue
    await bench.ask('consume', ask)
    await bench.ask('consume', { ...ask, cost: 2 ** 50 })
    return taken
  }
}
