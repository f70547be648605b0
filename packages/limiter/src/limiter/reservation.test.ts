import { describe, expect, it } from 'vitest'
import type { Decision } from '../core/decision.ts'
import type { Limiter } from '../core/limiter.ts'
import type { Receipt } from '../core/receipt.ts'
import type { RuleOptions } from '../core/rule.ts'
import { timeoutError } from '../core/store-timeout.ts'
import { createLimiter } from '../create-limiter.ts'
import { memoryStore } from '../stores/memory/index.ts'
import { type ManualClock, manualClock } from '../testing/manual-clock.ts'
import { createReservation } from './reservation.ts'

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
    expect(await limiter.refund(reservation.receipt as Receipt)).toBe(30)
    expect(await left()).toBe(100)
    expect(JSON.parse(JSON.stringify(reservation))).toMatchObject({ allowed: true, held: 30 })
  })

  it('holds nothing when it is denied, and has nothing to settle', async () => {
    const { limiter, left } = bench()
    await limiter.consume('a', { cost: 90 })
    {
      await using reservation = await limiter.reserve('a', { cost: 30 })
      expect(reservation).toMatchObject({ allowed: false, held: 0, receipt: null })
      await reservation.cancel()
      const misuse = { code: 'invalid-options', message: expect.stringContaining('look at its "allowed"') }
      await expect(reservation.settle(5)).rejects.toMatchObject(misuse)
      await expect(reservation.extend(5)).rejects.toMatchObject(misuse)
    }
    expect(await left()).toBe(10)
  })

  it('holds nothing when nothing matches or the cost is 0', async () => {
    const { limiter } = bench()
    expect((await limiter.reserve('a', { cost: 0 })).held).toBe(0)
    const none = createLimiter({ policies: [] })
    expect((await none.reserve('a', { cost: 5 })).held).toBe(0)
  })

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

  it('leaves what the actual cost would have left, also where some of it has drained since', async () => {
    const { limiter, clock, left } = bench()
    const reservation = await limiter.reserve('a', { cost: 30 })
    clock.advance('10s')
    await reservation.extend(20)
    await reservation.settle(25)
    expect(await left()).toBe(85)
  })

  it('gives back no more than has not drained since', async () => {
    const { limiter, clock, left } = bench()
    const reservation = await limiter.reserve('a', { cost: 30 })
    clock.advance('12s')
    await reservation.settle(5)
    expect(await left()).toBe(100)
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
    const { limiter, left } = bench('100/day')
    const reservation = await limiter.reserve('a', { cost: 3, limit: '5/min' })
    expect((await reservation.extend(3)).allowed).toBe(false)
    expect((await reservation.extend(2)).limit).toBe(5)
    await reservation.settle(9)
    expect(await limiter.peek('a', { limit: '5/min', cost: 0 })).toMatchObject({ allowed: false })
    expect(await left()).toBe(100)
  })

  it('takes what is too much from what was added last, which a window holds longest', async () => {
    const { limiter, clock, left } = bench({ limit: '100/min', algorithm: 'sliding-log' })
    const reservation = await limiter.reserve('a', { cost: 30 })
    clock.advance('50s')
    await reservation.extend(20)
    await reservation.settle(35)
    expect(await left()).toBe(65)
    clock.advance('10s')
    expect(await left()).toBe(95)
  })
})

describe('operations of one reservation at a time', () => {
  it('have what is being added settled with the rest', async () => {
    const { limiter, left } = bench()
    const reservation = await limiter.reserve('a', { cost: 30 })
    const [added] = await Promise.all([reservation.extend(20), reservation.settle(10)])
    expect([added.allowed, reservation.held, await left()]).toEqual([true, 0, 90])
  })

  it('add nothing to one that is being settled, or was', async () => {
    const { limiter, left } = bench()
    const reservation = await limiter.reserve('a', { cost: 30 })
    const misuse = { code: 'invalid-options', message: expect.stringContaining('reserve anew') }
    const settling = reservation.settle(10)
    await expect(reservation.extend(20)).rejects.toMatchObject(misuse)
    await settling
    await expect(reservation.extend(20)).rejects.toMatchObject(misuse)
    expect([reservation.held, await left()]).toEqual([0, 90])
  })

  it('add nothing after its scope was left', async () => {
    const { limiter, left } = bench()
    const reservation = await limiter.reserve('a', { cost: 30 })
    const adding = reservation.extend(20)
    await reservation[Symbol.asyncDispose]()
    await adding
    await expect(reservation.extend(1)).rejects.toMatchObject({ code: 'invalid-options' })
    expect([reservation.held, await left()]).toEqual([0, 50])
  })
})

describe('a settlement that fails', () => {
  const gone = new Error('gone')

  it('holds what it held, and is made by the next call, once', async () => {
    const { reservation, calls, fail } = faulty([100])
    fail.refund.push(gone)
    await expect(reservation.settle(10)).rejects.toBe(gone)
    expect(reservation.held).toBe(100)
    await reservation.settle(10)
    await reservation.settle(10)
    expect([reservation.held, calls]).toEqual([0, ['refund 0: 90', 'refund 0: 90']])
  })

  it('gives back what is left to be given back, of several spends', async () => {
    const { reservation, calls, fail } = faulty([60, 40])
    await reservation.extend(40)
    fail.refund.push(null, gone)
    await expect(reservation.settle(10)).rejects.toBe(gone)
    expect(reservation.held).toBe(50)
    await reservation.settle(10)
    expect([reservation.held, calls]).toEqual([
      0,
      ['refund 0: 50', 'refund 1: Infinity', 'refund 1: Infinity'],
    ])
  })

  it('charges what is missing when it is asked again, once', async () => {
    const { reservation, calls, fail } = faulty([60, 40])
    await reservation.extend(40)
    fail.charge.push(gone)
    await expect(reservation.settle(120)).rejects.toBe(gone)
    expect(reservation.held).toBe(100)
    await reservation.settle(120)
    await reservation.settle(120)
    expect([reservation.held, calls]).toEqual([0, ['charge 20', 'charge 20']])
  })

  it.each([
    ['the store was not in time', timeoutError(15, 'store'), 1],
    ['the caller could not wait', timeoutError(15, 'overload'), 1],
    ['the connection broke', Object.assign(new Error('reset'), { code: 'ECONNRESET' }), 1],
    ['nobody could be connected to', Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }), 2],
  ])('charges nothing twice of which it cannot know whether it was charged: %s', async (_, reason, times) => {
    const { reservation, calls, fail } = faulty([100])
    fail.charge.push(reason)
    await expect(reservation.settle(120)).rejects.toBe(reason)
    expect(reservation.held).toBe(100)
    await reservation.settle(120)
    expect([reservation.held, calls.length]).toEqual([0, times])
  })

  it('is finished as it was begun, whatever is asked for then', async () => {
    const { reservation, calls, fail } = faulty([100])
    fail.refund.push(gone)
    await expect(reservation.settle(10)).rejects.toBe(gone)
    await expect(reservation.extend(5)).rejects.toMatchObject({ code: 'invalid-options' })
    await reservation.cancel()
    expect(calls).toEqual(['refund 0: 90', 'refund 0: 90'])
  })

  it('is left to whoever heard of it when the scope is left', async () => {
    const { reservation, calls, fail } = faulty([100])
    fail.refund.push(gone)
    await expect(reservation.settle(10)).rejects.toBe(gone)
    await reservation[Symbol.asyncDispose]()
    expect([reservation.held, calls]).toEqual([100, ['refund 0: 90']])
  })

  it('is finished in the time in which it was begun', async () => {
    const { reservation, calls, fail, clock } = faulty([100])
    clock.advance('59s')
    fail.refund.push(gone)
    await expect(reservation.settle(10)).rejects.toBe(gone)
    clock.advance('1h')
    await reservation.settle(10)
    expect(calls).toEqual(['refund 0: 90', 'refund 0: 90'])
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

/** 100 units at one a second, or a fixed window when a limit is given, or a rule. */
function bench(given?: string | RuleOptions): {
  limiter: Limiter
  clock: ManualClock
  left: () => Promise<number | null>
} {
  const clock = manualClock()
  const fixed = typeof given === 'string' ? { algorithm: 'fixed-window', limit: given } : given
  const rule = fixed ?? { algorithm: 'token-bucket', limit: '1/s', burst: 100 }
  const limiter = createLimiter({ ...rule, store: memoryStore({ clock }), clock })
  return { limiter, clock, left: async () => (await limiter.peek('a', { cost: 0 })).remaining }
}

/** A reservation of a minute on spends of these costs, whose calls are noted, and fail with the reasons given. */
function faulty([cost = 0, ...more]: readonly number[]) {
  const clock = manualClock()
  const calls: string[] = []
  const fail = { charge: [] as (Error | null)[], refund: [] as (Error | null)[] }
  let spends = 0
  const spent = (units: number): Decision =>
    ({ allowed: true, cost: units, receipt: { spend: spends++ } }) as unknown as Decision
  const done = async (call: string, failures: (Error | null)[]): Promise<number> => {
    calls.push(call)
    const reason = failures.shift()
    if (reason) throw reason
    return 0
  }
  const handle = { owner: () => ({ who: 'a' }), call: {}, expiresAtUs: clock.now() + 60_000_000 }
  const reservation = createReservation(spent(cost), handle, {
    clock,
    consume: async () => spent(more.shift() as number),
    charge: (units) => done(`charge ${units}`, fail.charge),
    refund: ({ spend }, units) => done(`refund ${spend}: ${units}`, fail.refund),
  })
  return { reservation, calls, fail, clock }
}
