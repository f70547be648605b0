import { describe, expect, it } from 'vitest'
import { advance, bench, settle } from './bench.ts'

describe('wait', () => {
  it('admits at once when there is room', async () => {
    const { limiter, clock, calls } = bench()
    expect(await limiter.wait('a')).toMatchObject({ allowed: true, reason: 'within-limit' })
    expect([calls.decide, clock.pending]).toEqual([1, 0])
  })

  it('serves those who wait in the order they came', async () => {
    const { limiter, clock } = bench()
    await limiter.consume('a')
    const served: number[] = []
    const waits = [0, 1, 2, 3].map(async (i) => {
      await limiter.wait('a')
      served.push(i)
    })
    for (let second = 1; second <= 4; second++) {
      await advance(clock, 1000)
      expect(served.length).toBe(second)
    }
    await Promise.all(waits)
    expect(served).toEqual([0, 1, 2, 3])
    expect(clock.pending).toBe(0)
  })

  it('lets nobody overtake one who asks for more', async () => {
    const { limiter, clock } = bench({ burst: 3 })
    await limiter.consume('a', { cost: 3 })
    const served: string[] = []
    const large = limiter.wait('a', { cost: 3 }).then(() => served.push('large'))
    const small = limiter.wait('a', { cost: 1 }).then(() => served.push('small'))
    await advance(clock, 2999)
    expect(served).toEqual([])
    await advance(clock, 1)
    expect(served).toEqual(['large'])
    await advance(clock, 1000)
    await Promise.all([large, small])
    expect(served).toEqual(['large', 'small'])
  })

  it('lets keys wait apart from each other', async () => {
    const { limiter, clock } = bench()
    await limiter.consume('a')
    const waiting = limiter.wait('a')
    expect((await limiter.wait('b')).allowed).toBe(true)
    await advance(clock, 1000)
    expect((await waiting).allowed).toBe(true)
  })

  it('asks the store at most twice an admitted unit, however many wait', async () => {
    const { limiter, clock, calls } = bench()
    const waits = Array.from({ length: 100 }, () => limiter.wait('a'))
    await settle()
    for (let second = 0; second < 99; second++) await advance(clock, 1000)
    const decisions = await Promise.all(waits)
    expect(decisions.every(({ allowed }) => allowed)).toBe(true)
    expect(calls.decide).toBeLessThanOrEqual(200)
    expect(clock.pending).toBe(0)
  })

  it('looks at the clock when a timer fires early, not at the store', async () => {
    const { limiter, clock, calls } = bench({ early: 0.9 })
    await limiter.consume('a')
    const waiting = limiter.wait('a')
    await settle()
    expect(calls.decide).toBe(2)
    for (let i = 0; i < 9; i++) await advance(clock, 111)
    expect([calls.decide, clock.pending]).toEqual([2, 1])
    await advance(clock, 1)
    expect((await waiting).allowed).toBe(true)
    expect([calls.decide, clock.pending]).toEqual([3, 0])
  })

  it('denies at once a wait that cannot fit its timeout', async () => {
    const { limiter, clock } = bench()
    await limiter.consume('a')
    const decision = await limiter.wait('a', { timeout: '999ms' })
    expect(decision).toMatchObject({ allowed: false, reason: 'limited', retryAfterMs: 1000 })
    expect(clock.pending).toBe(0)
  })

  it('admits a wait that fits its timeout exactly', async () => {
    const { limiter, clock } = bench()
    await limiter.consume('a')
    const waiting = limiter.wait('a', { timeout: '1s' })
    await advance(clock, 1000)
    expect((await waiting).allowed).toBe(true)
    expect(clock.pending).toBe(0)
  })

  it('denies at once what no wait makes possible', async () => {
    const { limiter, clock } = bench()
    const decision = await limiter.wait('a', { cost: 2 })
    expect(decision).toMatchObject({ reason: 'cost-exceeds-capacity', retryAfterMs: null })
    expect(clock.pending).toBe(0)
  })

  it('denies one who stands behind others and cannot wait as long as they', async () => {
    const { limiter, clock, calls } = bench()
    await limiter.consume('a')
    const patient = limiter.wait('a', { timeout: '10s' })
    await settle()
    const before = calls.decide
    expect((await limiter.wait('a', { timeout: '500ms' })).allowed).toBe(false)
    expect(calls.decide).toBe(before)
    await advance(clock, 1000)
    expect((await patient).allowed).toBe(true)
  })

  it('denies one whose turn comes too late for what it asks', async () => {
    const { limiter, clock } = bench({ rule: { limit: '10/s', burst: 10 } })
    await limiter.consume('a', { cost: 10 })
    const waits = [limiter.wait('a'), ...[6, 4].map((cost) => limiter.wait('a', { cost, timeout: 800 }))]
    for (let passed = 0; passed < 7; passed++) await advance(clock, 100)
    expect((await waits[1])?.allowed).toBe(true)
    expect(await waits[2]).toMatchObject({ allowed: false, cost: 4, retryAfterMs: 400 })
    expect((await waits[0])?.allowed).toBe(true)
    expect(clock.pending).toBe(0)
  })

  it('rejects when the store does, and goes on with the next', async () => {
    const { limiter, clock, calls } = bench()
    calls.fail = new Error('gone')
    await expect(limiter.wait('a')).rejects.toThrow('gone')
    expect((await limiter.wait('a')).allowed).toBe(true)
    expect(clock.pending).toBe(0)
  })
})

describe('a wait that is aborted', () => {
  it('rejects with the reason at once when its signal is aborted before', async () => {
    await expect(bench().limiter.wait('a', { signal: AbortSignal.abort('left') })).rejects.toBe('left')
  })

  it('rejects with the reason, spends nothing and makes room for the next', async () => {
    const { limiter, clock } = bench()
    await limiter.consume('a')
    const [one, two] = [new AbortController(), new AbortController()]
    const first = limiter.wait('a', { signal: one.signal, timeout: '1h' })
    const second = limiter.wait('a', { signal: two.signal })
    const third = limiter.wait('a')
    await settle()
    const rejected = [expect(first).rejects.toBe('first'), expect(second).rejects.toBe('second')]
    two.abort('second')
    one.abort('first')
    await Promise.all(rejected)
    await advance(clock, 1000)
    expect((await third).allowed).toBe(true)
    expect(clock.pending).toBe(0)
  })

  it('gives back what the store spent meanwhile', async () => {
    const { limiter, clock, calls } = bench({ burst: 2 })
    const answer = calls.hold()
    const controller = new AbortController()
    const waiting = limiter.wait('a', { cost: 2, signal: controller.signal })
    const rejected = expect(waiting).rejects.toThrow('over')
    await settle()
    controller.abort(new Error('over'))
    await rejected
    answer()
    await settle()
    expect(await limiter.peek('a', { cost: 0 })).toMatchObject({ remaining: 2 })
    expect(clock.pending).toBe(0)
  })
})

describe('closing a limiter', () => {
  it('frees those who wait with a closed error and leaves no timer', async () => {
    const { limiter, clock } = bench()
    await limiter.consume('a')
    const waits = ['a', 'a', 'a'].map((key, i) => limiter.wait(key, i > 1 ? { timeout: '1h' } : {}))
    const rejected = waits.map((wait) => expect(wait).rejects.toMatchObject({ code: 'closed' }))
    await settle()
    await limiter.close()
    await Promise.all(rejected)
    expect(clock.pending).toBe(0)
    await advance(clock, 10_000)
    expect(clock.pending).toBe(0)
  })

  // Fails until the undo of StoreLimiter.wait works on a closed limiter.
  it('gives back what the store spent for one who was freed', async () => {
    const { limiter, calls, other } = bench({ burst: 2 })
    const answer = calls.hold()
    const rejected = expect(limiter.wait('a', { cost: 2 })).rejects.toMatchObject({ code: 'closed' })
    await settle()
    await limiter.close()
    await rejected
    answer()
    await settle()
    expect(await other.peek('a', { cost: 0 })).toMatchObject({ remaining: 2 })
  })
})
