import { describe, expect, it } from 'vitest'
import { REMAINING, WAIT } from '../../src/core/algorithm.ts'
import { budgetOf } from '../../src/core/budget.ts'
import { compileRule } from '../../src/core/rule.ts'
import { createLimiter } from '../../src/create-limiter.ts'
import { guarded } from '../../src/entries/resilience.ts'
import { withDenyCache } from '../../src/resilience/deny-cache/deny-cache.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { SplitStore } from '../../src/stores/split/split-store.ts'
import { manualClock } from '../../src/testing/manual-clock.ts'
import { ControllableStore, verdict } from './controllable-store.ts'
import { bench, policy } from './failing-limiter.ts'

describe('while the store fails', () => {
  it('a policy in shadow is counted by its share beside one that decides so, and denies nothing', async () => {
    const { limiter } = bench([policy('live', 'local', 5), { ...policy('s', 'local', 1), mode: 'shadow' }])
    await limiter.consume('a')
    const second = await limiter.consume('a')
    expect(second).toMatchObject({ allowed: true, source: 'fallback', policy: 'live', remaining: 3 })
    expect(second.shadow).toMatchObject([{ policy: 's', allowed: false }])
  })

  it('a policy in shadow closes nothing', async () => {
    const { limiter } = bench([policy('live', 'local', 5), { ...policy('s', 'closed'), mode: 'shadow' }])
    expect(await limiter.consume('a')).toMatchObject({ allowed: true, policy: 'live', shadow: [] })
    const alone = bench([{ ...policy('s', 'closed'), mode: 'shadow' }])
    expect(await alone.limiter.consume('a')).toMatchObject({ allowed: true, source: 'open' })
  })

  it('a policy in shadow is not counted beside one that is open', async () => {
    const { limiter } = bench([policy('live', 'open'), { ...policy('s', 'local'), mode: 'shadow' }])
    const decision = await limiter.consume('a')
    expect(decision).toMatchObject({ allowed: true, source: 'open', reason: 'store-unavailable', shadow: [] })
  })
})

describe('a denial of a policy with a shadow', () => {
  const rule = compileRule({ name: 'rule', limit: '1/min' }, 'rule')

  it.each([
    ['a rule in shadow', [rule, { ...rule, name: 'rule~shadow', shadow: true }], true],
    ['none', [rule], false],
  ])('is told by the store each time: %s', async (_, rules, isAsked) => {
    const store = new ControllableStore(rules.flatMap(() => verdict(1_000_000, 0, 1_000_000)))
    const cache = withDenyCache(store, { clock: manualClock() })
    const requests = [{ budget: budgetOf('p', rules), key: 'a', cost: 1 }]
    await cache.decide('consume', requests)
    await cache.decide('consume', requests)
    expect(store.count('consume')).toBe(isAsked ? 2 : 1)
  })

  it('with overdraw is repeated for any cost, since the wait is the same', async () => {
    const store = new ControllableStore(verdict(500_000, 0, 1_000_000))
    const cache = withDenyCache(store, { clock: manualClock() })
    const budget = budgetOf('p', [rule], { overdraw: true })
    await cache.decide('consume', [{ budget, key: 'a', cost: 1 }])
    const again = await cache.decide('consume', [{ budget, key: 'a', cost: 500 }])
    expect([again.source, again.numbers[WAIT]]).toEqual(['deny-cache', 500_000])
  })
})

it('a policy with a shadow or overdraw takes no lease', async () => {
  const store = memoryStore({ clock: manualClock() })
  const lease = { max: 100 }
  const rules = ['100/min']
  for (const more of [
    { shadow: { rules: { '1m': { limit: '5/min' } } } },
    { mode: 'shadow' },
    { overdraw: true },
  ]) {
    const limiter = createLimiter({
      policies: [{ name: 'p', rules, lease, ...(more as object) }],
      store: guarded(store),
    })
    for (let i = 0; i < 20; i++) expect((await limiter.consume('a')).source).toBe('store')
    await limiter.close()
  }
})

describe('across stores', () => {
  const live = budgetOf('live', [compileRule('5/min', 'rule')])
  const counted = budgetOf('counted', [compileRule('2/min', 'rule')], { enforces: false })
  const requests = [
    { budget: live, key: 'a', cost: 1 },
    { budget: counted, key: 'a', cost: 1 },
  ]
  const partOf = ({ budget }: { readonly budget: { readonly policy: string } }) =>
    budget.policy === 'live' ? 0 : 1

  it('a part of which only policies in shadow are asked fails nothing', async () => {
    const clock = manualClock()
    const broken = new ControllableStore()
    broken.manner = 'fail'
    const store = new SplitStore([memoryStore({ clock }), broken], partOf)
    const { numbers, judged } = await store.decide('consume', requests)
    expect([numbers[WAIT], numbers[REMAINING], judged]).toEqual([0, 4, [requests[0]]])
  })

  it('what was spent in shadow is taken back where a policy of another store denies', async () => {
    const clock = manualClock()
    const parts = [memoryStore({ clock }), memoryStore({ clock })]
    const store = new SplitStore(parts, partOf)
    await parts[0]?.decide('charge', [{ ...(requests[0] as (typeof requests)[number]), cost: 5 }])
    const { numbers } = await store.decide('consume', requests)
    expect(numbers[WAIT]).toBeGreaterThan(0)
    const left = await parts[1]?.decide('peek', [{ budget: counted, key: 'a', cost: 0 }])
    expect(left?.numbers[REMAINING]).toBe(2)
  })
})
