import { describe, expect, it } from 'vitest'
import type { Limiter } from '../core/limiter.ts'
import { createLimiter } from '../create-limiter.ts'
import { memoryStore } from '../stores/memory/index.ts'
import { type ManualClock, manualClock } from '../testing/manual-clock.ts'

describe('reserve', () => {
  it('is a decision that holds its cost', async () => {
    const { limiter, left } = bench()
    const reservation = await limiter.reserve('a', { cost: 30 })
    expect(reservation).toMatchObject({
      allowed: true,
      reason: 'within-limit',
      cost: 30,
      held: 30,
      remaining: 70,
    })
    expect(reservation.rules).toHaveLength(1)
    expect(reservation.receipt).toEqual(expect.any(String))
    expect(JSON.parse(JSON.stringify(reservation))).toMatchObject({ allowed: true, held: 30 })
    expect(await left()).toBe(70)
  })

  it('holds nothing when it is denied, and settles for nothing', async () => {
    const { limiter, left } = bench()
    await limiter.consume('a', { cost: 90 })
    const reservation = await limiter.reserve('a', { cost: 30 })
    expect(reservation).toMatchObject({ allowed: false, held: 0, receipt: null })
    await reservation.cancel()
    expect(await left()).toBe(10)
  })

  it('holds nothing when nothing matches or the cost is 0', async () => {
    const { limiter } = bench()
    expect((await limiter.reserve('a', { cost: 0 })).held).toBe(0)
    const none = createLimiter({ policies: [] })
    expect((await none.reserve('a', { cost: 5 })).held).toBe(0)
  })

  // Fails until StoreLimiter.reserve reads its ttl before it asks.
  it.each(['soon', 0, -1, '200y'])('refuses the ttl %s and spends nothing', async (ttl) => {
    const { limiter, left } = bench()
    await expect(limiter.reserve('a', { cost: 30, ttl })).rejects.toMatchObject({
      code: 'invalid-options',
      path: 'options.ttl',
    })
    expect(await left()).toBe(100)
  })
})

describe('settling a reservation', () => {
  it.each([
    ['below what it holds', 12, 88],
    ['at what it holds', 30, 70],
    ['at nothing', 0, 100],
    ['above what it holds', 45, 55],
  ])('%s corrects the spend', async (_, actual, remaining) => {
    const { limiter, left } = bench()
    const reservation = await limiter.reserve('a', { cost: 30 })
    await reservation.settle(actual)
    expect(reservation.held).toBe(0)
    expect(await left()).toBe(remaining)
  })

  it('may go into debt', async () => {
    const { limiter, left } = bench()
    const reservation = await limiter.reserve('a', { cost: 30 })
    await reservation.settle(150)
    expect(await left()).toBe(0)
    expect(await limiter.peek('a', { cost: 0 })).toMatchObject({ allowed: false, retryAfterMs: 50_000 })
  })

  it('counts once, whatever is called afterwards', async () => {
    const { limiter, left } = bench()
    const reservation = await limiter.reserve('a', { cost: 30 })
    await Promise.all([reservation.settle(10), reservation.settle(0), reservation.cancel()])
    await reservation.settle(99)
    await reservation[Symbol.asyncDispose]()
    expect(await left()).toBe(90)
  })

  it.each([-1, 1.5, Number.NaN, '5', 2 ** 53, null])('refuses %s and stays open', async (actual) => {
    const { limiter, left } = bench()
    const reservation = await limiter.reserve('a', { cost: 30 })
    await expect(reservation.settle(actual as never)).rejects.toMatchObject({
      code: 'invalid-cost',
    })
    await expect(reservation.extend(actual as never)).rejects.toMatchObject({ code: 'invalid-cost' })
    expect([reservation.held, await left()]).toEqual([30, 70])
    await reservation.settle(1)
    expect(await left()).toBe(99)
  })

  it('gives everything back on cancel, once', async () => {
    const { limiter, left } = bench()
    const reservation = await limiter.reserve('a', { cost: 30 })
    await reservation.cancel()
    await reservation.cancel()
    expect(await left()).toBe(100)
    await limiter.consume('a', { cost: 30 })
    await reservation.cancel()
    expect(await left()).toBe(70)
  })

  it('keeps what it holds when its scope is left', async () => {
    const { limiter, left } = bench()
    {
      await using reservation = await limiter.reserve('a', { cost: 30 })
      expect(reservation.held).toBe(30)
    }
    expect(await left()).toBe(70)
    {
      await using reservation = await limiter.reserve('a', { cost: 30 })
      await reservation.settle(5)
    }
    expect(await left()).toBe(65)
  })

  it('gives back no more than has not drained since', async () => {
    const { limiter, clock, left } = bench()
    const reservation = await limiter.reserve('a', { cost: 30 })
    clock.advance('12s')
    expect(await left()).toBe(82)
    await reservation.settle(25)
    // Of the 5 units too many all have drained already.
    expect(await left()).toBe(82)
  })
})

describe('extending a reservation', () => {
  it('holds more, which is settled with the rest', async () => {
    const { limiter, left } = bench()
    const reservation = await limiter.reserve('a', { cost: 30 })
    expect(await reservation.extend(20)).toMatchObject({ allowed: true, cost: 20 })
    expect([reservation.held, await left()]).toEqual([50, 50])
    await reservation.settle(15)
    expect(await left()).toBe(85)
  })

  it('changes nothing when it is denied', async () => {
    const { limiter, left } = bench()
    const reservation = await limiter.reserve('a', { cost: 30 })
    expect(await reservation.extend(71)).toMatchObject({ allowed: false })
    expect([reservation.held, await left()]).toEqual([30, 70])
    await reservation.cancel()
    expect(await left()).toBe(100)
  })

  it('asks again with the options of the reservation', async () => {
    const { limiter, left } = bench()
    const reservation = await limiter.reserve('a', { cost: 3, limit: '5/min' })
    expect((await reservation.extend(3)).allowed).toBe(false)
    expect((await reservation.extend(2)).limit).toBe(5)
    await reservation.settle(9)
    expect(await limiter.peek('a', { limit: '5/min', cost: 0 })).toMatchObject({ allowed: false })
    expect(await left()).toBe(100)
  })
})

describe('a reservation whose time is over', () => {
  it('gives nothing back', async () => {
    const { limiter, clock } = bench('100/day')
    const reservation = await limiter.reserve('a', { cost: 30, ttl: '5m' })
    clock.advance('5m')
    await reservation.settle(1)
    expect(await limiter.peek('a', { cost: 0 })).toMatchObject({ remaining: 70 })
  })

  it('gives back until then', async () => {
    const { limiter, clock } = bench('100/day')
    const reservation = await limiter.reserve('a', { cost: 30, ttl: '5m' })
    clock.advance('299999ms')
    await reservation.settle(1)
    expect(await limiter.peek('a', { cost: 0 })).toMatchObject({ remaining: 99 })
  })

  it('is still charged for what was used more', async () => {
    const { limiter, clock } = bench('100/day')
    const reservation = await limiter.reserve('a', { cost: 30, ttl: '1s' })
    clock.advance('1m')
    await reservation.settle(45)
    expect(await limiter.peek('a', { cost: 0 })).toMatchObject({ remaining: 55 })
  })

  it('lasts five minutes when nothing is said', async () => {
    const { limiter, clock } = bench('100/day')
    const [early, late] = [await limiter.reserve('a', { cost: 10 }), await limiter.reserve('b', { cost: 10 })]
    clock.advance('299999ms')
    await early.cancel()
    clock.advance('1ms')
    await late.cancel()
    expect(await limiter.peek('a', { cost: 0 })).toMatchObject({ remaining: 100 })
    expect(await limiter.peek('b', { cost: 0 })).toMatchObject({ remaining: 90 })
  })
})

/** 100 units at one a second, or a fixed window when a limit is given. */
function bench(limit?: string): { limiter: Limiter; clock: ManualClock; left: () => Promise<number | null> } {
  const clock = manualClock()
  const rule =
    limit === undefined
      ? { algorithm: 'token-bucket', limit: '1/s', burst: 100 }
      : { algorithm: 'fixed-window', limit }
  const limiter = createLimiter({ ...rule, store: memoryStore({ clock }), clock })
  return { limiter, clock, left: async () => (await limiter.peek('a', { cost: 0 })).remaining }
}
