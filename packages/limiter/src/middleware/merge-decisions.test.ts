import { expect, it } from 'vitest'
import type { Decision } from '../core/decision.ts'
import { createLimiter } from '../create-limiter.ts'
import { mergeDecisions } from '../http/merge-decisions.ts'

/** The decision of a limiter with these policies, by name and rate. */
function decisionBy(rates: Record<string, string>): Decision {
  const policies = Object.entries(rates).map(([name, rate]) => ({ name, key: 'ip', rules: [rate] }))
  return createLimiter({ policies }).consumeSync({ ip: '203.0.113.1' })
}

it('tells two policies of one name apart, also where another one binds', () => {
  const merged = mergeDecisions([
    decisionBy({ a: '5/min', b: '9/min' }),
    decisionBy({ c: '2/min', b: '7/min' }),
  ])
  expect(merged.policy).toBe('c')
  expect(merged.rules.map(({ policy, limit }) => [policy, limit])).toEqual([
    ['c', 2],
    ['b-2', 7],
    ['a', 5],
    ['b', 9],
  ])
})
