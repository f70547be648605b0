import { describe, expect, it } from 'vitest'
import type { Decision } from '../../src/core/decision.ts'
import type { Limiter, Reservation } from '../../src/core/limiter.ts'
import type { Store } from '../../src/core/store.ts'
import { advance, bench, settle } from './bench.ts'

describe('a place in the queue', () => {
  it('is denied at once where those before it take longer than its timeout', async () => {
    const { limiter, clock, calls } = bench({ rule: { limit: '1/s' } })
    await limiter.consume('a')
    const waits = Array.from({ length: 10 }, () => limiter.wait('a'))
    await settle()
    const before = calls.decide
    const decision = await limiter.wait('a', { timeout: '2s' })
    expect(decision).toMatchObject({ allowed: false, reason: 'limited', cost: 1, retryAfterMs: 11_000 })
    expect([calls.decide, clock.pending]).toEqual([before, 1])
    for (let second = 0; second < 10; second++) await advance(clock, 1000)
    expect((await Promise.all(waits)).every(({ allowed }) => allowed)).toBe(true)
  })

  it('is denied with the first answer where nobody was asked before', async () => {
    const { limiter, calls } = bench({ burst: 5 })
    const waits = [5, 2, 3].map((cost) => limiter.wait('a', { cost }))
    expect(await limiter.wait('a', { cost: 4, timeout: '8999ms' })).toMatchObject({
      allowed: false,
      cost: 4,
      retryAfterMs: 9000,
    })
    expect(calls.decide).toBe(2)
    await limiter.close()
    await Promise.allSettled(waits)
  })

  it('is kept where its turn may come in time', async () => {
    const { limiter, clock } = bench()
    await limiter.consume('a')
    const waits = [1, 2, 3].map(() => limiter.wait('a', { timeout: '3s' }))
    for (let second = 0; second < 3; second++) await advance(clock, 1000)
    expect((await Promise.all(waits)).map(({ allowed }) => allowed)).toEqual([true, true, true])
    expect(clock.pending).toBe(0)
  })

  it('counts nobody who was denied', async () => {
    const { limiter, clock } = bench({ burst: 3 })
    await limiter.consume('a', { cost: 3 })
    const waits = [
      limiter.wait('a'),
      limiter.wait('a', { cost: 3, timeout: '2s' }),
      limiter.wait('a', { timeout: '2s' }),
    ]
    await settle()
    expect(await waits[1]).toMatchObject({ allowed: false, cost: 3, retryAfterMs: 4000 })
    await advance(clock, 1000)
    await advance(clock, 1000)
    expect((await waits[2])?.allowed).toBe(true)
    await waits[0]
  })

  it('is denied at once for a cost that can never pass, which delays nobody', async () => {
    const { limiter, clock, calls } = bench()
    await limiter.consume('a')
    const first = limiter.wait('a')
    await settle()
    const before = calls.decide
    const never = { reason: 'cost-exceeds-capacity', cost: 2, retryAfterMs: null }
    expect(await limiter.wait('a', { cost: 2 })).toMatchObject(never)
    expect(calls.decide).toBe(before)
    const second = limiter.wait('a', { timeout: '2s' })
    await advance(clock, 1000)
    await advance(clock, 1000)
    expect((await Promise.all([first, second])).map(({ allowed }) => allowed)).toEqual([true, true])
  })

  it('says nothing of those who bring a limit of their own', async () => {
    const { limiter, clock } = bench()
    await limiter.consume('a')
    const first = limiter.wait('a')
    await settle()
    const other = limiter.wait('a', { cost: 9, limit: '9/min', timeout: '1s' })
    await advance(clock, 1000)
    expect((await Promise.all([first, other])).map(({ allowed }) => allowed)).toEqual([true, true])
  })
})

describe('a timeout', () => {
  it.each([0, -5, -0.5, Number.NEGATIVE_INFINITY])(
    'of %s has one question and its answer',
    async (timeout) => {
      const { limiter, clock, calls } = bench()
      expect((await limiter.wait('a', { timeout })).allowed).toBe(true)
      expect(await limiter.wait('a', { timeout })).toMatchObject({ allowed: false, retryAfterMs: 1000 })
      expect([calls.decide, clock.pending]).toEqual([2, 0])
    },
  )

  it('of 0 has its question also behind one who is being served', async () => {
    const { limiter, calls } = bench({ burst: 2 })
    const answer = calls.hold()
    const waits = [limiter.wait('a'), limiter.wait('a', { timeout: 0 }), limiter.wait('a', { timeout: 0 })]
    await settle()
    answer()
    expect((await Promise.all(waits)).map(({ allowed }) => allowed)).toEqual([true, true, false])
  })

  it.each([
    [999, false],
    [999.2, true],
    [1000, true],
    ['1s', true],
    [Number.POSITIVE_INFINITY, true],
  ])('of %s lets a wait of a second: %s', async (timeout, allowed) => {
    const { limiter, clock } = bench()
    await limiter.consume('a')
    const waiting = limiter.wait('a', { timeout })
    await advance(clock, 1000)
    expect((await waiting).allowed).toBe(allowed)
    expect(clock.pending).toBe(0)
  })

  it('may be the wait that a denial told, though the store takes its time', async () => {
    const { limiter, clock, calls } = bench()
    await limiter.consume('a')
    const { retryAfterMs } = await limiter.consume('a')
    const answer = calls.hold()
    const waiting = limiter.wait('a', { timeout: retryAfterMs as number })
    await advance(clock, 3)
    answer()
    await advance(clock, 1000)
    expect((await waiting).allowed).toBe(true)
  })

  it.each([
    [Number.NaN, 'NaN'],
    ['soon', '"soon"'],
    [null, 'null'],
    [{}, 'an object'],
    [5n, '5n'],
    ['0s', '"0s"'],
  ])('of %s is refused', async (timeout, shown) => {
    const { limiter, calls } = bench()
    await expect(limiter.wait('a', { timeout: timeout as never })).rejects.toMatchObject({
      code: 'invalid-options',
      path: 'options.timeout',
      message: expect.stringContaining(`options.timeout: ${shown} is not a`),
    })
    expect(calls.decide).toBe(0)
  })

  it('is over a second later where the store takes so long, by the clock and not by an early timer', async () => {
    const { limiter, clock, calls } = bench({ early: 0.9 })
    await limiter.consume('a')
    const first = limiter.wait('a')
    const answers: Decision[] = []
    const second = limiter.wait('a', { timeout: 2500 }).then((decision) => answers.push(decision))
    await settle()
    const answer = calls.hold()
    for (const ms of [1000, 2499]) await advance(clock, ms)
    expect(answers).toEqual([])
    await advance(clock, 1)
    expect(answers).toMatchObject([{ allowed: false, cost: 1, retryAfterMs: 1 }])
    answer()
    await Promise.all([first, second])
    expect(clock.pending).toBe(0)
  })

  it('lets all who were told the same wait have their turn, also with timers and stores that take their time', async () => {
    const { limiter, clock, calls } = bench({ rule: { limit: '3/min' }, slackMs: 1 })
    await limiter.consume('a', { cost: 3 })
    const { retryAfterMs } = await limiter.consume('a')
    expect(retryAfterMs).toBe(60_001)
    const waits = [1, 2, 3, 4].map(() => limiter.wait('a', { timeout: retryAfterMs as number }))
    await settle()
    const answer = calls.hold()
    for (const ms of [60_000, 1, 30]) await advance(clock, ms)
    answer()
    expect((await Promise.all(waits)).map(({ allowed }) => allowed)).toEqual([true, true, true, false])
    expect(clock.pending).toBe(0)
  })
})

describe('one who waits', () => {
  const hour = { name: 'r', limit: '1/h' }
  type Change = (limiter: Limiter<Store>, spent: Reservation) => unknown
  const rows: [string, Change][] = [
    [
      'a policy is replaced',
      ({ policies }) => policies.set({ name: 'default', rules: [{ ...hour, limit: '3600/h' }] }),
    ],
    ['a policy is deleted', ({ policies }) => policies.delete('default')],
    ['its key is reset', (limiter) => limiter.reset('a')],
    ['a spend is refunded', (limiter, { receipt }) => receipt && limiter.refund(receipt)],
    ['a reservation is cancelled', (_, spent) => spent.cancel()],
    ['units are credited', (limiter) => limiter.credit('a', 1)],
  ]
  it.each(rows)('is served when %s', async (_, change) => {
    const { limiter, clock } = bench({ rule: hour })
    const spent = await limiter.reserve('a')
    const waiting = limiter.wait('a')
    await advance(clock, 1000)
    await change(limiter, spent)
    expect((await waiting).allowed).toBe(true)
    expect(clock.pending).toBe(0)
  })

  it('is not asked for when another key has room', async () => {
    const { limiter, calls } = bench({ rule: hour })
    await Promise.all([limiter.consume('a'), limiter.consume('b')])
    const waiting = limiter.wait('a')
    await settle()
    await limiter.reset('b')
    await settle()
    expect(calls.decide).toBe(3)
    await limiter.close()
    await expect(waiting).rejects.toMatchObject({ code: 'closed' })
  })
})
