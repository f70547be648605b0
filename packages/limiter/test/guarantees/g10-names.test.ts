import { setImmediate as turn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { REMAINING, WAIT } from '../../src/core/algorithm.ts'
import { type Budget, budgetOf } from '../../src/core/budget.ts'
import { compileRule } from '../../src/core/rule.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { sharedMemoryStore } from '../../src/stores/shared-memory/index.ts'
import { manualClock } from '../../src/testing/manual-clock.ts'

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

async function livingBytes(): Promise<number> {
  await turn()
  collect()
  return process.memoryUsage().heapUsed
}

const [year, minute] = ['10/year', '10/min'].map((limit) => {
  return compileRule({ name: limit, algorithm: 'token-bucket', limit }, 'rule')
}) as [Budget['rules'][number], Budget['rules'][number]]

describe('G10 bounded memory, of names of policies', () => {
  it.each([
    ['memory', memoryStore],
    ['memory that threads share', sharedMemoryStore],
  ])('forgets names that come and go, and none of what was spent under them: %s', async (_, make) => {
    const clock = manualClock()
    const store = make({ clock, maxKeys: 100 })
    const ask = (budget: Budget, cost: number): ArrayLike<number> =>
      store.decideSync('consume', [{ budget, key: 'alice', cost }]).numbers
    const come = (from: number, to: number): void => {
      for (let i = from; i < to; i++) {
        ask(budgetOf(`policy-${i}`, [minute]), 1)
        clock.advance('10s')
      }
    }
    // Budgets that nobody holds on to: their policies are new ones when they come again.
    ask(budgetOf('same rules', [year]), 8)
    ask(budgetOf('more rules', [year]), 8)
    const readings: number[] = []
    for (let part = 0; part < 6; part++) {
      come(part * 1000, part * 1000 + 1000)
      readings.push(await livingBytes())
    }
    const [first = 0, last = 0] = [readings[1], readings.at(-1)]
    // 4,000 names that stay take 1.9 MB.
    expect(last - first).toBeLessThan(600_000)
    const again = ask(budgetOf('same rules', [year]), 8)
    expect([again[WAIT] !== 0, again[REMAINING]]).toEqual([true, 2])
    const wider = ask(budgetOf('more rules', [year, minute]), 8)
    expect([wider[WAIT] !== 0, wider[REMAINING]]).toEqual([true, 2])
  })
})
