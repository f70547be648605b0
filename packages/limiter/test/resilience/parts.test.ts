import { describe, expect, it } from 'vitest'
import { createLimiter } from '../../src/create-limiter.ts'
import { guarded } from '../../src/entries/resilience.ts'
import { SplitStore } from '../../src/stores/split/split-store.ts'
import { manualClock } from '../../src/testing/manual-clock.ts'
import { ControllableStore, outcome, turn } from './controllable-store.ts'

function bench() {
  const [left, right] = [new ControllableStore(), new ControllableStore()]
  const clock = manualClock()
  const policies = ['left', 'right'].map((name) => ({ name, rules: ['9/s'] }))
  const store = guarded(new SplitStore([left, right], ({ budget }) => (budget.policy === 'left' ? 0 : 1)))
  const limiter = createLimiter({ policies, store, clock })
  const ask = async (policy?: string): Promise<string> =>
    (await limiter.consume('alice', policy === undefined ? {} : { policy })).source
  return { left, right, clock, limiter, ask }
}

describe('a store of several parts', () => {
  it('is guarded part by part: only the keys of a failing one are decided otherwise', async () => {
    const { left, clock, limiter, ask } = bench()
    left.manner = 'fail'
    for (let i = 0; i < 6; i++) expect(await ask('left')).toBe('fallback')
    expect(await ask('right')).toBe('store')
    expect(limiter.health()).toMatchObject({
      store: 'unreachable',
      breaker: 'open',
      parts: [
        { store: 'unreachable', breaker: 'open' },
        { store: 'reachable', breaker: 'closed' },
      ],
    })
    left.manner = 'answer'
    clock.advance(50)
    await turn()
    expect(await ask('left')).toBe('store')
    expect(limiter.health()).toMatchObject({ store: 'reachable', breaker: 'closed' })
    await limiter.close()
    expect(clock.pending).toBe(0)
  })

  it('decides within one deadline across parts, and gives back what the other part spent', async () => {
    const { left, right, clock, limiter, ask } = bench()
    left.manner = 'hang'
    const asked = ask()
    await turn()
    right.manner = 'hang'
    clock.advance(15)
    expect(await outcome(asked)).toBe('fallback')
    expect(right.count('refund')).toBe(1)
    await limiter.close()
    clock.advance(15)
    await turn()
    expect(clock.pending).toBe(0)
  })

  it('decides within the deadline of the caller, however many round trips a denial takes', async () => {
    const { left, right, clock, limiter } = bench()
    left.manner = right.manner = 'hang'
    const asked = limiter.consume('alice', { deadlineMs: 4 })
    await turn()
    clock.advance(4)
    expect(await outcome(asked)).toMatchObject({ source: 'fallback' })
    expect(limiter.health()).toMatchObject({ breaker: 'closed', overloads: 1 })
    await limiter.close()
  })

  it('counts replicas in its parts', async () => {
    const { limiter, ask } = bench()
    await ask('left')
    await turn()
    expect(limiter.health().replicas).toBe(4)
    await limiter.close()
  })
})
