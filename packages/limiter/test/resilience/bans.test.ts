import { describe, expect, it } from 'vitest'
import { BLOCKED, RECEIPT, WAIT } from '../../src/core/algorithm.ts'
import type { Budget } from '../../src/core/budget.ts'
import type { BudgetRequest, Verdicts } from '../../src/core/store.ts'
import { withDenyCache, withFallback } from '../../src/entries/resilience.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { SplitStore } from '../../src/stores/split/split-store.ts'
import { manualClock } from '../../src/testing/manual-clock.ts'
import { freshBudget } from '../guarantees/arbitraries.ts'
import { ControllableStore } from './controllable-store.ts'

const MINUTE = 60_000_000

function banning(limit = '1/s'): Budget {
  return { ...freshBudget({ limit }), bans: [MINUTE, 10 * MINUTE] }
}

/** The source, the wait, and whether a ban or block denies. */
function told({ source, numbers }: Verdicts): readonly unknown[] {
  return [source, numbers[WAIT], numbers[RECEIPT] === BLOCKED]
}

describe('the deny cache before a policy with bans', () => {
  function cached() {
    const clock = manualClock()
    const cache = withDenyCache(memoryStore({ clock }), { clock })
    const budget = banning()
    const ask = (more: Partial<BudgetRequest> = {}): Promise<Verdicts> =>
      cache.decide('consume', [{ budget, key: 'a', cost: 1, ...more }])
    return { clock, cache, budget, ask }
  }

  it('repeats no denial that may be followed by an offence', async () => {
    const { ask } = cached()
    await ask()
    expect(told(await ask({ blameless: true }))).toEqual(['store', 1_000_000, false])
    expect(told(await ask())).toEqual(['store', MINUTE, false])
    expect(told(await ask())).toEqual(['store', MINUTE, true])
    expect(told(await ask())).toEqual(['deny-cache', MINUTE, true])
    expect(told(await ask({ cost: 2 }))[0]).toBe('store')
  })

  it('asks the store again after an unblock', async () => {
    const { ask, cache, budget, clock } = cached()
    for (let i = 0; i < 4; i++) await ask()
    clock.advance('500ms')
    expect(told(await ask())).toEqual(['deny-cache', MINUTE - 500_000, true])
    await cache.block([{ budget, key: 'a' }], 0)
    expect(told(await ask())).toEqual(['store', 500_000, false])
    await cache.block([{ budget, key: 'a' }], MINUTE)
    expect(told(await ask())).toEqual(['store', MINUTE, true])
  })

  it('knows nothing of several budgets of which one may offend', async () => {
    const { cache, budget, clock } = cached()
    const tight = freshBudget({ limit: '1/h' })
    const both = [budget, tight].map((one) => ({ budget: one, key: 'a', cost: 1 }))
    await cache.decide('consume', both)
    clock.advance('1s')
    expect((await cache.decide('consume', both)).source).toBe('store')
    expect((await cache.decide('consume', both)).source).toBe('store')
  })
})

describe('bans across stores', () => {
  it('take a spend that another store undid for none', async () => {
    const clock = manualClock()
    const split = new SplitStore([memoryStore({ clock }), memoryStore({ clock })], ({ key }) => Number(key))
    const [bans, tight] = [banning('1/min'), freshBudget({ limit: '1/h' })]
    const own = [{ budget: bans, key: '0', cost: 1 }]
    const both = [...own, { budget: tight, key: '1', cost: 1 }]
    await split.decide('consume', both)
    expect((await split.decide('consume', own)).numbers[WAIT]).toBe(MINUTE)
    clock.advance('1m')
    // Admitted here, denied there, and given back.
    expect((await split.decide('consume', both)).numbers[WAIT]).toBe(0)
    await split.decide('consume', own)
    expect((await split.decide('consume', own)).numbers[WAIT]).toBe(10 * MINUTE)
  })
})

describe('a fallback', () => {
  it('bans nobody, and knows what was blocked through it', async () => {
    const clock = manualClock()
    const store = new ControllableStore()
    const fallback = withFallback(store, { local: memoryStore({ clock }), clock })
    const request = { budget: banning('1/min'), key: 'a', cost: 1 }
    store.manner = 'fail'
    await fallback.decide('consume', [request])
    for (let i = 0; i < 2; i++)
      expect(told(await fallback.decide('consume', [request]))).toEqual(['fallback', MINUTE, false])
    await expect(fallback.block([request], 2 * MINUTE)).rejects.toMatchObject({
      code: 'store-unavailable',
      message: expect.stringContaining('the block holds in this process only'),
      cause: expect.anything(),
    })
    expect(told(await fallback.decide('consume', [request]))).toEqual(['fallback', 2 * MINUTE, true])
  })
})
