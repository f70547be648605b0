import { describe, expect, it } from 'vitest'
import { createLimiter } from '../../src/create-limiter.ts'
import { guarded } from '../../src/entries/resilience.ts'
import { worstOf } from '../../src/resilience/worst-health.ts'
import { manualClock } from '../../src/testing/manual-clock.ts'
import { ControllableStore, turn } from './controllable-store.ts'
import { bench, policy } from './failing-limiter.ts'

describe('health of a limiter', () => {
  it('says what is known, when, and asks nobody', async () => {
    const store = new ControllableStore()
    const clock = manualClock()
    const limiter = createLimiter({ limit: '100/s', store: guarded(store), clock, replicas: 3 })
    const fresh = limiter.health()
    expect(store.calls).toEqual([])
    expect(fresh).toEqual({
      store: 'unknown',
      answeredAt: null,
      breaker: 'closed',
      consecutiveFailures: 0,
      lastError: null,
      parts: [expect.objectContaining({ store: 'unknown' })],
      decisions: { store: 0, lease: 0, 'deny-cache': 0, fallback: 0, open: 0, closed: 0 },
      overloads: 0,
      latency: null,
      replicas: 3,
    })
    store.manner = 'hang'
    const asked = limiter.consume('alice')
    clock.advance(2)
    store.hanging[0]?.answer()
    await asked
    expect(limiter.health()).toMatchObject({
      store: 'reachable',
      answeredAt: clock.now() / 1000,
      decisions: { store: 1 },
      latency: { count: 1, p50Ms: 2, p99Ms: 2, maxMs: 2 },
    })
    await limiter.close()
  })

  it('is unreachable while the breaker is open, and reachable when a probe has succeeded, without a decision', async () => {
    const store = new ControllableStore()
    const clock = manualClock()
    const limiter = createLimiter({ limit: '100/s', store: guarded(store), clock })
    store.manner = 'fail'
    for (let i = 0; i < 5; i++) await limiter.consume('alice')
    expect(limiter.health()).toMatchObject({
      store: 'unreachable',
      breaker: 'open',
      lastError: { code: 'store-unavailable', message: 'Redis did not decide: connection refused' },
    })
    store.manner = 'answer'
    clock.advance(50)
    await turn()
    expect(limiter.health()).toMatchObject({ store: 'reachable', breaker: 'closed', consecutiveFailures: 0 })
    await limiter.close()
  })

  it('of a store in this process is that it is there', () => {
    expect(createLimiter({ limit: '1/s' }).health()).toEqual({
      store: 'reachable',
      answeredAt: null,
      breaker: 'closed',
      consecutiveFailures: 0,
      lastError: null,
      parts: [],
      decisions: null,
      overloads: 0,
      latency: null,
      replicas: 1,
    })
  })

  it('of several parts is the worst of each, and the latest', () => {
    const good = {
      store: 'reachable',
      answeredAt: 5,
      breaker: 'closed',
      consecutiveFailures: 0,
      lastError: null,
    } as const
    const lastError = { code: 'store-unavailable', message: 'x', at: 3 } as const
    const bad = {
      store: 'unreachable',
      answeredAt: 2,
      breaker: 'half-open',
      consecutiveFailures: 7,
      lastError,
    } as const
    const fresh = { ...good, store: 'unknown', answeredAt: null } as const
    expect(worstOf([good, bad, fresh])).toEqual({ ...bad, answeredAt: 5 })
    expect(worstOf([good, fresh])).toEqual({ ...good, store: 'unknown' })
  })
})

describe('health of a limiter in memory', () => {
  it('counts nothing, since that costs as much as a decision', () => {
    const limiter = createLimiter({ limit: '1/s' })
    limiter.consumeSync('a')
    expect(limiter.health()).toMatchObject({ decisions: null, latency: null, store: 'reachable' })
  })

  it('counts decisions where a listener or an option asks for it', async () => {
    const [listened, asked] = [createLimiter({ limit: '1/s' }), createLimiter({ limit: '1/s', health: true })]
    listened.on('decision', () => {})
    for (const limiter of [listened, asked]) {
      expect(limiter.health().decisions).toMatchObject({ store: 0 })
      limiter.consumeSync('a')
      await limiter.peek('a')
      expect(limiter.health()).toMatchObject({ decisions: { store: 2, fallback: 0 }, latency: { count: 2 } })
    }
  })

  it('counts once, however many listen', () => {
    const limiter = createLimiter({ limit: '1/s', health: true })
    for (const _ of [1, 2]) limiter.on('decision', () => {})
    limiter.consumeSync('a')
    expect(limiter.health().decisions).toMatchObject({ store: 1 })
  })

  it('is asked for by true or false', () => {
    expect(() => createLimiter({ limit: '1/s', health: 'yes' as never })).toThrow('options.health')
  })
})

describe('several requests while the store fails', () => {
  it('are decided by the policies of each: closed denies all, open lets its own pass, local counts', async () => {
    const { limiter } = bench([policy('local', 'local'), policy('open', 'open'), policy('closed', 'closed')])
    const one = (name: string, cost = 1) => ({ who: 'a', policy: name, cost })
    expect(await limiter.decide([one('local'), one('open')])).toMatchObject({
      allowed: true,
      decisions: [
        { allowed: true, source: 'fallback', remaining: 1 },
        { allowed: true, source: 'open', reason: 'store-unavailable', rules: [] },
      ],
    })
    expect(await limiter.decide([one('local'), one('closed')])).toMatchObject({
      allowed: false,
      decisions: [
        { allowed: false, source: 'closed', reason: 'store-unavailable' },
        { allowed: false, source: 'closed' },
      ],
    })
    expect(await limiter.decide([one('local', 2), one('open')])).toMatchObject({
      allowed: false,
      decisions: [{ allowed: false, source: 'fallback', remaining: 1 }, { allowed: true }],
    })
  })

  it('pass in a group by those whose policies let them', async () => {
    const { limiter } = bench([policy('local', 'local'), policy('closed', 'closed')])
    const one = (name: string) => ({ who: 'a', policy: name, anyOf: 'g' })
    expect(await limiter.decide([one('closed'), one('local')])).toMatchObject({
      allowed: true,
      decisions: [
        { allowed: false, source: 'closed' },
        { allowed: true, source: 'fallback', remaining: 1 },
      ],
    })
  })

  it('give back what was spent where a charge among them finds a closed policy', async () => {
    const { limiter } = bench([policy('local', 'local'), policy('closed', 'closed')])
    const charge = { who: 'a', policy: 'closed', verb: 'charge', cost: 5 } as const
    expect(await limiter.decide([{ who: 'a', policy: 'local' }, charge])).toMatchObject({
      allowed: false,
      decisions: [
        { allowed: true, receipt: null },
        { allowed: false, source: 'closed' },
      ],
    })
    expect(await limiter.peek('a', { policy: 'local', cost: 0 })).toMatchObject({ remaining: 2 })
  })

  it('are answered within one answer time, however many steps they take', async () => {
    const { limiter, store, clock } = bench([policy('local', 'local')])
    store.manner = 'hang'
    const steps = [
      { who: 'a', verb: 'peek' },
      { who: 'b' },
      { who: 'c', verb: 'charge' },
      { who: 'd', verb: 'credit' },
    ] as const
    const answered = limiter.decide(steps, { deadlineMs: 10 })
    await turn()
    clock.advance(10)
    expect(await answered).toMatchObject({ allowed: true, decisions: [{ source: 'fallback' }, {}, {}, {}] })
    await limiter.close()
  })
})
