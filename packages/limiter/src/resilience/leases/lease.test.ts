import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { REMAINING, VERDICT_SIZE } from '../../core/algorithm.ts'
import { budgetOf } from '../../core/budget.ts'
import { compileRule } from '../../core/rule.ts'
import { Lease } from './lease.ts'

const LIFETIME_US = 1000
const CAPACITIES = [40, 15]

/** What a lease holds, without shortcuts. A grant is known by the store's time, which is another one each time. */
interface Held {
  left: number
  readonly endsAtUs: number
  readonly resetUs: number
}

type Step =
  | { readonly does: 'spend' | 'peek'; readonly cost: number; readonly us: number }
  | { readonly does: 'add'; readonly granted: number; readonly awayUs: number; readonly us: number }
  | { readonly does: 'sweep' | 'close'; readonly us: number }

// Small numbers, so that grants often end or are used up to the unit and to the microsecond.
const us = fc.constantFrom(0, 0, 0, 1, 2, 200, 400, 1000)
const cost = fc.integer({ min: 1, max: 6 })
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ does: fc.constant('spend' as const), cost, us }) },
    { weight: 2, arbitrary: fc.record({ does: fc.constant('peek' as const), cost, us }) },
    {
      weight: 3,
      arbitrary: fc.record({
        does: fc.constant('add' as const),
        granted: fc.integer({ min: 1, max: 8 }),
        awayUs: fc.constantFrom(0, 200, 999, 1000, 1500),
        us,
      }),
    },
    { weight: 1, arbitrary: fc.record({ does: fc.constant('sweep' as const), us }) },
    { weight: 1, arbitrary: fc.record({ does: fc.constant('close' as const), us }) },
  ),
  { maxLength: 60, size: 'max' },
)

const algorithms = { bucket: 'token-bucket', window: 'fixed-window' } as const

describe('Lease', () => {
  it.each(['bucket', 'window', 'both'] as const)(
    'spends, tells and gives back what it holds under rules of: %s',
    (rules) => {
      fc.assert(
        fc.property(steps, (all) => replay(rules, all)),
        { numRuns: 1000 },
      )
    },
  )
})

/** Does the steps to a lease and to the model, and compares all that they say. */
function replay(which: keyof typeof algorithms | 'both', all: readonly Step[]): void {
  const named = which === 'both' ? (['bucket', 'window'] as const) : [which]
  const rules = named.map((name, i) =>
    compileRule(
      { name, algorithm: algorithms[name], limit: { limit: CAPACITIES[i] as number, window: 1000 } },
      name,
    ),
  )
  const budget = { ...budgetOf('p', rules), lease: { max: 100, lifetimeUs: LIFETIME_US } }
  const lease = new Lease({ budget, key: 'k' }, 0)
  const grants = new Map<number, Held>()
  let now = 1_000_000
  let storeNow = 5_000_000
  let inStore: readonly number[] = []

  const unexpired = (): Held[] => [...grants.values()].filter(({ endsAtUs }) => now < endsAtUs)
  const remaining = (spent: number): number[] => {
    const left = unexpired().reduce((sum, one) => sum + one.left, -spent)
    return rules.map(({ capacity }, i) => Math.min(capacity, (inStore[i] as number) + left))
  }
  const told = (numbers: ArrayLike<number>): number[] =>
    rules.map((_, i) => numbers[i * VERDICT_SIZE + REMAINING] as number)

  for (const step of all) {
    now += step.us
    if (step.does === 'add') {
      storeNow++
      inStore = rules.map((_, i) => (storeNow * (i + 3)) % 17)
      const resetUs = 600 + (storeNow % 4) * 200
      const numbers = rules.flatMap((_, i) => [0, inStore[i] as number, resetUs, storeNow + i, 1, 2, 3, 4])
      const spent = storeNow % (step.granted + 1)
      const sentAtUs = now - step.awayUs
      // What is used up is of use to nobody.
      for (const [at, { left }] of grants) if (left === 0) grants.delete(at)
      const lastsUs = which === 'bucket' ? LIFETIME_US : Math.min(LIFETIME_US, resetUs)
      grants.set(storeNow, { left: step.granted - spent, endsAtUs: sentAtUs + lastsUs, resetUs })
      const grant = { granted: step.granted, now: storeNow, numbers, source: 'store' as const }
      const times = { requestedAtUs: sentAtUs, sentAtUs, answeredAtUs: now }
      expect(told(lease.add(grant, spent, times).numbers)).toEqual(remaining(0))
    } else if (step.does === 'spend' || step.does === 'peek') {
      const verdicts = lease[step.does](step.cost, now)
      const enough = unexpired().filter(({ left }) => left >= step.cost)
      expect(verdicts !== null).toBe(enough.length > 0)
      if (verdicts === null) continue
      const from = grants.get(verdicts.now) as Held
      expect(from).toBe(enough[0])
      expect(told(verdicts.numbers)).toEqual(remaining(step.cost))
      if (step.does === 'spend') from.left -= step.cost
    } else {
      const at = step.does === 'close' ? Number.POSITIVE_INFINITY : now
      const back = lease
        .sweep(at)
        .map(({ cost: left, rules: receipts }) => ({ left, receipt: receipts.at(-1) }))
      const over = [...grants].filter(([, { left, endsAtUs }]) => at >= endsAtUs || left === 0)
      for (const [spentAtUs] of over) grants.delete(spentAtUs)
      const owed = over.filter(([, { left }]) => left > 0)
      expect(back).toEqual(
        owed.map(([spentAtUs, { left, resetUs }]) => {
          const incarnation = spentAtUs + rules.length - 1
          const receipt = { incarnation, returned: 1, credited: 2, stood: 3, since: 4 }
          return { left, receipt: { recoversAtUs: spentAtUs + resetUs, ...receipt } }
        }),
      )
    }
  }
}
