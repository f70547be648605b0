import { describe, expect, it } from 'vitest'
import type { Decision } from '../../src/core/decision.ts'
import type { PolicyOptions } from '../../src/core/policy-options.ts'
import type { Receipt } from '../../src/core/receipt.ts'
import { createLimiter } from '../../src/create-limiter.ts'
import { guarded } from '../../src/entries/resilience.ts'
import { manualClock } from '../../src/testing/manual-clock.ts'
import { outcome, turn } from './controllable-store.ts'
import { DistantStore, pass } from './distant-store.ts'

const api: PolicyOptions = { name: 'api', rules: ['1000/h'], lease: { max: 50, lifetime: '200ms' } }

function bench(policies: readonly PolicyOptions[] = [api]) {
  const clock = manualClock()
  const store = new DistantStore(clock)
  const limiter = createLimiter({ policies, store: guarded(store), clock, replicas: 1 })
  const calls = async (count: number): Promise<Decision[]> => {
    const all: Decision[] = []
    for (let i = 0; i < count; i++) {
      clock.advanceUs(1000)
      all.push(await limiter.consume('alice'))
      await turn()
    }
    return all
  }
  const remaining = async (): Promise<number | null> => {
    // Of a cost of 0 leases know nothing.
    return (await limiter.peek('alice', { cost: 0 })).remaining
  }
  return { clock, store, limiter, calls, remaining }
}

describe('a limiter with leases', () => {
  it('says which decisions came from a lease, and counts each once', async () => {
    const { limiter, calls } = bench()
    const answers = await calls(100)
    const leased = answers.filter(({ source }) => source === 'lease').length
    expect(leased).toBeGreaterThan(80)
    expect(answers.map(({ remaining }) => remaining)).toEqual(answers.map((_, i) => 999 - i))
    const { decisions } = limiter.health()
    expect(decisions).toMatchObject({ lease: leased, store: 100 - leased, 'deny-cache': 0 })
  })

  it('counts a denial that an acquire was answered with by the deny cache', async () => {
    const { limiter, calls, store } = bench([{ ...api, rules: ['20/h'] }])
    const answers = await calls(60)
    expect(answers.filter(({ allowed }) => allowed).length).toBe(20)
    const cached = answers.filter(({ source }) => source === 'deny-cache').length
    expect(cached).toBeGreaterThan(35)
    expect(limiter.health().decisions).toMatchObject({ 'deny-cache': cached })
    expect(store.calls.length).toBeLessThan(20)
  })

  it('gives spends of a lease back: each once, and never more than was spent', async () => {
    const { limiter, calls, remaining, clock } = bench()
    const answers = await calls(40)
    await pass(clock, 500_000, 50_000)
    expect(await remaining()).toBe(960)
    const leased = answers.filter(({ source }) => source === 'lease')
    for (const { receipt } of leased) for (let i = 0; i < 2; i++) await limiter.refund(receipt as Receipt)
    expect(await remaining()).toBe(960 + leased.length)
    const reservation = await limiter.reserve('alice', { cost: 1 })
    await reservation.settle(5)
    expect(await remaining()).toBe(955 + leased.length)
    await limiter.close()
    expect(await remaining().catch(() => 'closed')).toBe('closed')
  })

  it('gives the leases of old rules back as soon as there are new ones', async () => {
    const { limiter, calls, store } = bench()
    await calls(40)
    limiter.policies.set({ ...api, rules: [{ name: '1h', limit: '2000/h' }] })
    await turn()
    expect(store.granted - store.returned + store.count('consume')).toBe(40)
    const [next] = await calls(1)
    expect(next).toMatchObject({ source: 'store', limit: 2000, remaining: 1959 })
  })

  it('keeps the leases of policies that stay as they are', async () => {
    const { limiter, calls, store } = bench()
    await calls(40)
    const { returned } = store
    limiter.policies.replace([{ ...api }, { name: 'other', match: { user: 'x' }, rules: ['1/s'] }])
    await turn()
    expect(store.returned).toBe(returned)
    const [next] = await calls(1)
    expect(next).toMatchObject({ source: 'lease' })
  })

  it('gives everything back when it is closed, before that is over', async () => {
    const { limiter, calls, store, clock } = bench()
    await calls(40)
    store.thereUs = 5000
    void limiter.consume('alice')
    const closing = limiter.close()
    expect(await outcome(closing)).toBe('pending')
    await pass(clock, 5000)
    await pass(clock, 5000)
    expect(await outcome(closing)).toBeUndefined()
    expect(store.returned).toBeGreaterThan(0)
  })

  it('closes within the deadline of a store that does not answer', async () => {
    const { limiter, calls, store, clock } = bench()
    await calls(40)
    store.manner = 'lose'
    const closing = limiter.close()
    await turn()
    await pass(clock, 15_000)
    expect(await outcome(closing)).toBeUndefined()
  })

  it('answers in time those who wait for an acquire that hangs, and asks for none of them twice', async () => {
    const { limiter, calls, store, clock } = bench()
    await calls(1)
    store.manner = 'lose'
    const first = limiter.consume('alice')
    clock.advanceUs(10_000)
    await turn()
    const second = limiter.consume('alice')
    const hurried = limiter.consume('alice', { deadlineMs: 2 })
    await pass(clock, 2000)
    expect(await outcome(hurried)).toMatchObject({ source: 'fallback' })
    expect([await outcome(first), await outcome(second)]).toEqual(['pending', 'pending'])
    await pass(clock, 3000)
    expect(await outcome(first)).toMatchObject({ source: 'fallback' })
    // It then asks for itself, which has a deadline of its own.
    await pass(clock, 15_000)
    expect(await outcome(second)).toMatchObject({ source: 'fallback' })
    expect(store.count('acquire')).toBe(1)
    await limiter.close()
  })

  it('spends what it holds while the store is down, and then its share', async () => {
    const { calls, store, limiter } = bench()
    await calls(40)
    store.manner = 'fail'
    const sources = (await calls(60)).map(({ source }) => source)
    const first = sources.indexOf('fallback')
    expect(sources.slice(0, first).every((source) => source === 'lease')).toBe(true)
    expect(sources.slice(first).every((source) => source === 'fallback')).toBe(true)
    await limiter.close()
  })

  it('leases what rates of a call ask for, each by itself', async () => {
    const { limiter, clock } = bench()
    const sources: string[] = []
    for (let i = 0; i < 40; i++) {
      clock.advanceUs(1000)
      for (const limit of ['100/h', '200/h']) sources.push((await limiter.consume('alice', { limit })).source)
      await turn()
    }
    expect(sources.filter((source) => source === 'lease').length).toBeGreaterThan(50)
  })

  it('waits for a turn, and lets the units of those who left go back', async () => {
    const { limiter, calls, clock, remaining } = bench([{ ...api, rules: ['20/10s'] }])
    await calls(20)
    const turnOf = limiter.wait('alice', { timeout: '30s' })
    const controller = new AbortController()
    const leaving = limiter.wait('alice', { signal: controller.signal })
    controller.abort()
    await expect(leaving).rejects.toThrow()
    await pass(clock, 12_000_000, 100_000)
    expect(await outcome(turnOf)).toMatchObject({ allowed: true })
    await pass(clock, 1_000_000, 50_000)
    expect(await remaining()).toBe(19)
  })
})
