import fc from 'fast-check'
import { manualClock } from 'headgate/testing'
import { expect, it } from 'vitest'
import { RetryBudget } from '../../src/proxy/upstream/retry-budget.ts'

it('a budget never has more retries than a fifth of the requests, one a second, and ten', () => {
  const step = fc.record({ requests: fc.nat(30), retries: fc.nat(30), ms: fc.nat(3000) })
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const clock = manualClock()
      const budget = new RetryBudget(clock)
      let [requests, retries, ms] = [0, 0, 0]
      for (const one of steps) {
        clock.advance(one.ms)
        ms += one.ms
        for (let i = 0; i < one.requests; i++) budget.earn()
        requests += one.requests
        for (let i = 0; i < one.retries; i++) if (budget.take()) retries++
        expect(retries).toBeLessThanOrEqual(10 + requests / 5 + ms / 1000 + 1e-6)
      }
    }),
  )
})

it('a budget that is used up has one for every five requests, and one for every second', () => {
  const clock = manualClock()
  const budget = new RetryBudget(clock)
  while (budget.take());
  for (let i = 0; i < 4; i++) budget.earn()
  expect(budget.take()).toBe(false)
  for (let i = 0; i < 2; i++) budget.earn()
  expect([budget.take(), budget.take()]).toEqual([true, false])
  clock.advance('1s')
  expect([budget.take(), budget.take()]).toEqual([true, false])
})
