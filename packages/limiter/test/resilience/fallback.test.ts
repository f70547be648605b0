import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { OnStoreError } from '../../src/core/on-store-error.ts'
import { createLimiter } from '../../src/create-limiter.ts'
import { guarded } from '../../src/entries/resilience.ts'
import { manualClock } from '../../src/testing/manual-clock.ts'
import { ControllableStore, turn } from './controllable-store.ts'
import { bench, bucket, policy } from './failing-limiter.ts'

describe('a policy that is local while the store fails', () => {
  it('is the default, and decides by this process’s share', async () => {
    const { limiter } = bench([{ name: 'api', rules: [bucket('60/min', 20)] }], { replicas: 10 })
    const decision = await limiter.consume('alice')
    expect(decision).toMatchObject({
      allowed: true,
      reason: 'within-limit',
      source: 'fallback',
      policy: 'api',
      rule: '1m',
      limit: 2,
      remaining: 1,
    })
    expect(decision.rules).toMatchObject([{ limit: 2, rate: { limit: 60, windowMs: 600_000 }, remaining: 1 }])
    await limiter.consume('alice')
    expect(await limiter.consume('alice')).toMatchObject({
      allowed: false,
      reason: 'limited',
      source: 'fallback',
      retryAfterMs: 10_000,
      receipt: null,
    })
  })

  it('never says that a cost can never pass which the rule itself could hold', async () => {
    const { limiter } = bench([policy('api', 'local', 100)], { replicas: 10 })
    expect(await limiter.consume('alice', { cost: 11 })).toMatchObject({
      allowed: false,
      reason: 'limited',
      retryAfterMs: 1000,
    })
    expect(await limiter.consume('alice', { cost: 101 })).toMatchObject({
      reason: 'cost-exceeds-capacity',
      retryAfterMs: null,
    })
    expect(await limiter.consume('alice', { cost: 10 })).toMatchObject({ allowed: true, remaining: 0 })
  })

  it('peeks without spending, charges into debt, and forgets on reset even while that rejects', async () => {
    const { limiter } = bench([policy('api')])
    expect(await limiter.peek('alice', { cost: 2 })).toMatchObject({
      allowed: true,
      remaining: 0,
      receipt: null,
    })
    expect(await limiter.charge('alice', 5)).toMatchObject({
      allowed: true,
      source: 'fallback',
      remaining: 0,
    })
    expect(await limiter.consume('alice')).toMatchObject({ allowed: false, retryAfterMs: 4000 })
    await expect(limiter.reset('alice')).rejects.toMatchObject({ code: 'store-unavailable' })
    expect(await limiter.consume('alice')).toMatchObject({ allowed: true, remaining: 1 })
  })

  it('lets custom and window algorithms decide as buckets of their rate', async () => {
    const { limiter, clock } = bench([
      {
        name: 'api',
        rules: ['10/10s', { name: 'day', algorithm: 'fixed-window', limit: '4/day', align: 'calendar' }],
      },
    ])
    for (let i = 0; i < 4; i++) expect((await limiter.consume('alice')).allowed).toBe(true)
    expect(await limiter.consume('alice')).toMatchObject({ rule: 'day', retryAfterMs: 21_600_000 })
    clock.advance('6h')
    expect((await limiter.consume('alice')).allowed).toBe(true)
  })

  it('gives back what is credited, up to what its share has used', async () => {
    const { limiter } = bench([policy('api')])
    expect(await limiter.credit('alice', 1)).toMatchObject({ credited: 0 })
    await limiter.consume('alice', { cost: 2 })
    expect(await limiter.credit('alice', 1)).toMatchObject({ credited: 1, source: 'fallback' })
    expect(await limiter.consume('alice')).toMatchObject({ allowed: true, remaining: 0 })
    expect(await limiter.credit('alice', 9)).toMatchObject({ credited: 2 })
  })

  it('has a budget of its own for each rate in force: neither is judged by what another has used', async () => {
    const overrides = [{ match: { user: 'vip' }, rules: { '1m': { limit: '600/min', burst: 4 } } }]
    const { limiter, clock } = bench([{ ...policy('api'), overrides }])
    const vip = { key: 'alice', user: 'vip' }
    for (let i = 0; i < 3; i++) {
      expect(await limiter.consume('alice', { cost: 2 })).toMatchObject({ allowed: true, remaining: 0 })
      expect(await limiter.consume(vip, { cost: 4 })).toMatchObject({ allowed: true, remaining: 0 })
      expect([(await limiter.consume('alice')).allowed, (await limiter.consume(vip)).allowed]).toEqual([
        false,
        false,
      ])
      clock.advance('1h')
    }
  })

  it('has no more than five rates of calls at once', async () => {
    const { limiter } = bench([policy('api')])
    for (let i = 0; i < 5; i++) {
      const limit = { limit: 1, window: 60_000 + i }
      expect(await limiter.consume('alice', { limit })).toMatchObject({ allowed: true, source: 'fallback' })
    }
    const sixth = limiter.consume('alice', { limit: { limit: 1, window: 70_000 } })
    await expect(sixth).rejects.toMatchObject({ code: 'too-many-windows' })
  })

  it('keeps its state when the number of replicas changes', async () => {
    const store = new ControllableStore()
    const clock = manualClock()
    const limiter = createLimiter({
      algorithm: 'token-bucket',
      limit: '60/min',
      burst: 8,
      store: guarded(store),
      clock,
    })
    store.manner = 'answer'
    await limiter.consume('bob')
    await turn()
    expect(limiter.health().replicas).toBe(4)
    store.manner = 'fail'
    expect(await limiter.consume('alice')).toMatchObject({ source: 'fallback', limit: 2, remaining: 1 })
    await limiter.close()
  })
})

describe('a policy that is open or closed while the store fails', () => {
  it('open lets everything pass, spends nothing and says so', async () => {
    const { limiter } = bench([policy('api', 'open')])
    for (const decide of [
      () => limiter.consume('alice', { cost: 1000 }),
      () => limiter.peek('alice'),
      () => limiter.charge('alice', 5),
    ]) {
      expect(await decide()).toEqual({
        allowed: true,
        reason: 'store-unavailable',
        source: 'open',
        policy: null,
        rule: null,
        limit: null,
        remaining: null,
        cost: expect.any(Number),
        retryAfterMs: 0,
        resetAfterMs: null,
        rules: [],
        shadow: [],
        receipt: null,
      })
    }
  })

  it('closed denies everything, with a wait after which the store may be back', async () => {
    const { limiter } = bench([policy('api')], { onStoreError: 'closed' })
    for (const decide of [
      () => limiter.consume('alice'),
      () => limiter.peek('alice'),
      () => limiter.charge('alice', 5),
    ]) {
      expect(await decide()).toMatchObject({
        allowed: false,
        reason: 'store-unavailable',
        source: 'closed',
        policy: null,
        remaining: null,
        retryAfterMs: 1000,
        resetAfterMs: null,
        rules: [],
        receipt: null,
      })
    }
  })

  it('applies to budgets of overrides and of rates given with the call too', async () => {
    const { limiter } = bench([
      {
        ...policy('api', 'open'),
        overrides: [{ match: { user: 'vip' }, rules: { '1m': { limit: '1/min' } } }],
      },
    ])
    expect(await limiter.consume({ key: 'a', user: 'vip' })).toMatchObject({ source: 'open' })
    expect(await limiter.consume('a', { limit: '1/s' })).toMatchObject({ source: 'open' })
  })
})

describe('several policies in one decision while the store fails', () => {
  it('are denied when one of them is closed, and nothing is spent', async () => {
    const { limiter } = bench([policy('a', 'local', 1), policy('b', 'closed'), policy('c', 'open')])
    expect(await limiter.consume('alice')).toMatchObject({ allowed: false, source: 'closed' })
    expect(await limiter.consume('alice', { policy: 'a' })).toMatchObject({ allowed: true, remaining: 0 })
  })

  it('are judged by the local ones, all or none of which spend', async () => {
    const { limiter } = bench([policy('a', 'local', 3), policy('b', 'local', 1), policy('c', 'open', 1)])
    const first = await limiter.consume('alice')
    expect(first).toMatchObject({ allowed: true, source: 'fallback', policy: 'b' })
    expect(first.rules.map((rule) => rule.policy)).toEqual(['a', 'b'])
    expect(await limiter.consume('alice')).toMatchObject({ allowed: false, policy: 'b' })
    expect(await limiter.peek('alice', { policy: 'a' })).toMatchObject({ remaining: 1 })
  })

  it('say which of them were judged, whatever their modes: a property', async () => {
    const mode = fc.constantFrom<OnStoreError>('local', 'open', 'closed')
    await fc.assert(
      fc.asyncProperty(fc.array(mode, { minLength: 1, maxLength: 6 }), async (modes) => {
        const { limiter } = bench(modes.map((one, i) => policy(`p${i}`, one, 1 + i)))
        const decision = await limiter.consume('alice')
        const local = modes.flatMap((one, i) => (one === 'local' ? [`p${i}`] : []))
        const closed = modes.includes('closed')
        expect(decision.source).toBe(closed ? 'closed' : local.length > 0 ? 'fallback' : 'open')
        expect(decision.allowed).toBe(!closed)
        expect(decision.rules.map((rule) => rule.policy)).toEqual(closed ? [] : local)
        expect(decision.receipt === null).toBe(closed || local.length === 0)
      }),
    )
  })
})

describe('a store that fails again and again', () => {
  it('mints nothing: whatever the flapping, the share admits its burst and its rate, no more', async () => {
    const step = fc.record({ up: fc.boolean(), ms: fc.nat(3000), cost: fc.integer({ min: 1, max: 3 }) })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), async (steps) => {
        const { limiter, store, clock } = bench([policy('api', 'local', 5)])
        const start = clock.now()
        let admitted = 0
        for (const { up, ms, cost } of steps) {
          store.manner = up ? 'answer' : 'fail'
          clock.advance(Math.max(1, ms))
          await turn()
          const decision = await limiter.consume('alice', { cost })
          if (decision.source !== 'fallback' || !decision.allowed) continue
          admitted += cost
          expect(admitted).toBeLessThanOrEqual(5 + (clock.now() - start) / 1_000_000)
        }
        await limiter.close()
        expect(clock.pending).toBe(0)
      }),
      { numRuns: 100 },
    )
  })
})

describe('a limiter whose store fails', () => {
  it('rejects on wrong use as ever, and asks nobody', async () => {
    const { limiter, store } = bench([policy('api')])
    await expect(limiter.consume('alice', { cost: -1 })).rejects.toMatchObject({ code: 'invalid-cost' })
    await expect(limiter.consume('alice', { deadlineMs: -1 })).rejects.toMatchObject({
      code: 'invalid-options',
    })
    expect(store.calls).toEqual([])
  })

  it('answers a caller who cannot wait without asking the store', async () => {
    const { limiter, store } = bench([policy('api')])
    store.manner = 'answer'
    expect(await limiter.consume('alice', { deadlineMs: 0 })).toMatchObject({ source: 'fallback' })
    expect(store.count('consume')).toBe(0)
    expect(limiter.health().overloads).toBe(1)
    expect(await limiter.consume('alice', { deadlineMs: 100 })).toMatchObject({
      source: 'store',
      remaining: 7,
    })
  })

  it('lets impatient callers go without opening the breaker, but opens it on a store that is frozen', async () => {
    const { limiter, store, clock } = bench([policy('api', 'open')])
    store.manner = 'hang'
    const asked = Array.from({ length: 6 }, () => limiter.consume('alice', { deadlineMs: 2 }))
    clock.advance(2)
    for (const { source } of await Promise.all(asked)) expect(source).toBe('open')
    expect(limiter.health()).toMatchObject({ breaker: 'closed', overloads: 6 })
    clock.advance(13)
    await turn()
    expect(limiter.health()).toMatchObject({ breaker: 'open', store: 'unreachable', consecutiveFailures: 6 })
    await limiter.close()
  })

  it('lets those who wait for their turn wait until the store is back', async () => {
    const { limiter, store, clock } = bench([policy('api', 'closed')])
    const waiting = limiter.wait('alice', { timeout: '3s' })
    await turn()
    store.manner = 'answer'
    clock.advance('1s')
    expect(await waiting).toMatchObject({ allowed: true, source: 'store' })
  })

  it('tells listeners of every answer, and counts by who gave it', async () => {
    const { limiter, store } = bench([policy('a', 'local', 1), policy('b', 'open'), policy('c', 'closed')])
    const told: string[] = []
    limiter.on('decision', ({ source }) => told.push(source))
    for (const name of ['a', 'b', 'c', 'a']) await limiter.consume('alice', { policy: name })
    store.manner = 'answer'
    await limiter.consume('alice')
    expect(told).toEqual(['fallback', 'open', 'closed', 'fallback', 'store'])
    expect(limiter.health().decisions).toEqual({
      store: 1,
      fallback: 2,
      open: 1,
      closed: 1,
      lease: 0,
      'deny-cache': 0,
    })
  })
})
