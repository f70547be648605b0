import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ClaimingStore } from '../core/claiming-store.ts'
import type { Limiter } from '../core/limiter.ts'
import type { ReservationHandle } from '../core/reservation-handle.ts'
import type { Store } from '../core/store.ts'
import { timeoutError } from '../core/store-timeout.ts'
import { createLimiter } from '../create-limiter.ts'
import { memoryStore } from '../stores/memory/index.ts'
import { type ManualClock, manualClock } from '../testing/manual-clock.ts'

interface Bench {
  readonly clock: ManualClock
  /** Two limiters on one store, as two processes would be. */
  readonly one: Limiter
  readonly two: Limiter
  /** Spent of a bucket of 1000 that drains by 1 a minute. */
  used(): Promise<number>
}

function bench(wrap: (store: ClaimingStore) => Store = (store) => store): Bench {
  const clock = manualClock()
  const shared = memoryStore({ clock })
  const limit = { algorithm: 'token-bucket', limit: '1/min', burst: 1000, clock } as const
  const [one, two] = [
    createLimiter({ ...limit, store: wrap(shared) }),
    createLimiter({ ...limit, store: shared }),
  ]
  return { clock, one, two, used: async () => 1000 - ((await two.peek('a')).remaining ?? 0) - 1 }
}

async function reserved(limiter: Limiter, cost = 100): Promise<ReservationHandle> {
  const reservation = await limiter.reserve('a', { cost, ttl: '1m' })
  // As it travels.
  return JSON.parse(JSON.stringify(reservation.handle()))
}

describe('a reservation that another process settles', () => {
  it.each([
    ['below what it holds', 70],
    ['at what it holds', 100],
    ['above what it holds', 120],
    ['at 0', 0],
  ])('%s costs what was told', async (_, actual) => {
    const { one, two, used } = bench()
    const handle = await reserved(one)
    expect(two.resume(handle).held).toBe(100)
    expect(await two.resume(handle).settle(actual)).toEqual({ settled: true, actual })
    expect(await used()).toBe(actual)
  })

  it('is settled once, whoever comes later and whatever they say', async () => {
    const { one, two, used } = bench()
    const handle = await reserved(one)
    expect(await one.resume(handle).settle(120)).toEqual({ settled: true, actual: 120 })
    expect(await two.resume(handle).settle(150)).toEqual({ settled: false, actual: 120 })
    expect(await two.resume(handle).cancel()).toEqual({ settled: false, actual: 120 })
    expect(await one.resume(handle).settle(120)).toEqual({ settled: false, actual: 120 })
    expect(await used()).toBe(120)
  })

  it('property: of settlements at the same instant one holds', async () => {
    const costs = fc.array(fc.integer({ min: 0, max: 200 }), { minLength: 2, maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(costs, fc.integer({ min: 1, max: 100 }), async (actuals, cost) => {
        const { one, two, used } = bench()
        const handle = await reserved(one, cost)
        const ends = await Promise.all(
          actuals.map((actual, i) => (i % 2 === 0 ? one : two).resume(handle).settle(actual)),
        )
        const [first, ...more] = ends.filter(({ settled }) => settled)
        expect(more).toEqual([])
        expect(await used()).toBe(first?.actual)
      }),
      { numRuns: 200 },
    )
  })

  it('counts as settled at what it holds once its ttl is over', async () => {
    const { clock, one, two, used } = bench()
    const handle = await reserved(one)
    clock.advance('1m')
    for (const actual of [0, 100, 150]) {
      expect(await two.resume(handle).settle(actual)).toEqual({ settled: false, actual: null })
    }
    await expect(two.resume(handle).extend(5)).rejects.toMatchObject({ code: 'invalid-options' })
    // One has drained meanwhile.
    expect(await used()).toBe(99)
  })

  it('has no handle where it was denied', async () => {
    const { one } = bench()
    expect((await one.reserve('a', { cost: 5000 })).handle()).toBeNull()
  })
})

describe('an extension by another process', () => {
  it('is settled with the rest', async () => {
    const { one, two, used } = bench()
    const first = await reserved(one)
    const { decision, handle } = await two.resume(first).extend(50)
    expect([decision.allowed, one.resume(handle).held]).toEqual([true, 150])
    expect(await one.resume(handle).settle(120)).toEqual({ settled: true, actual: 120 })
    expect(await used()).toBe(120)
  })

  it('leaves the reservation as it was where it is denied', async () => {
    const { one, two, used } = bench()
    const first = await reserved(one)
    const { decision, handle } = await two.resume(first).extend(5000)
    expect([decision.allowed, handle]).toEqual([false, first])
    expect(await used()).toBe(100)
  })

  it('stays spent where the handle before it is settled, unless the one after it comes too', async () => {
    const { one, two, used } = bench()
    const first = await reserved(one)
    const { handle } = await two.resume(first).extend(50)
    await one.resume(first).settle(70)
    expect(await used()).toBe(120)
    expect(await two.resume(handle).settle(10)).toEqual({ settled: false, actual: 70 })
    expect(await used()).toBe(70)
  })

  it('of a reservation that is settled is refused, and spends nothing', async () => {
    const { one, two, used } = bench()
    const first = await reserved(one)
    await one.resume(first).settle(30)
    await expect(two.resume(first).extend(50)).rejects.toMatchObject({ code: 'invalid-options' })
    expect(await used()).toBe(30)
  })

  it('is refused after a hundred', async () => {
    const { one, used } = bench()
    let handle = await reserved(one)
    for (let n = 0; n < 100; n++) handle = (await one.resume(handle).extend(1)).handle
    await expect(one.resume(handle).extend(1)).rejects.toMatchObject({ code: 'invalid-options' })
    expect(await used()).toBe(200)
    await one.resume(handle).cancel()
    expect(await used()).toBe(0)
  })
})

describe('a settlement that fails in the middle', () => {
  const failing = (verb: 'charge' | 'refund' | 'claim', reason: unknown) => {
    let failures = 1
    return bench((store) => {
      return new Proxy(store, {
        get(target, name) {
          const value: unknown = Reflect.get(target, name, target)
          if (typeof value !== 'function') return value
          return (...given: unknown[]) => {
            const isHit = name === verb || (name === 'decideSync' && given[0] === verb)
            if (isHit && failures-- > 0) throw reason
            return value.apply(target, given)
          }
        },
      })
    })
  }

  it('gives back the rest when it is repeated, by whoever', async () => {
    const { one, two, used } = failing('refund', new Error('away'))
    const handle = await reserved(one)
    await expect(one.resume(handle).settle(10)).rejects.toThrow('away')
    expect(await used()).toBe(100)
    expect(await two.resume(handle).settle(40)).toEqual({ settled: false, actual: 10 })
    expect(await used()).toBe(10)
  })

  it('is made by the next call, where nobody could be asked who makes it', async () => {
    const { one, two, used } = failing('claim', new Error('away'))
    const handle = await reserved(one)
    await expect(one.resume(handle).settle(120)).rejects.toThrow('away')
    expect(await used()).toBe(100)
    expect(await two.resume(handle).settle(120)).toEqual({ settled: true, actual: 120 })
  })

  it('spends nothing for an extension of which nobody could be asked', async () => {
    const { one, used } = failing('claim', new Error('away'))
    const handle = await reserved(one)
    await expect(one.resume(handle).extend(50)).rejects.toThrow('away')
    expect(await used()).toBe(100)
  })

  it('charges when it is repeated, where the charge was refused', async () => {
    const { one, two, used } = failing('charge', new Error('refused'))
    const handle = await reserved(one)
    await expect(one.resume(handle).settle(120)).rejects.toThrow('refused')
    expect(await two.resume(handle).settle(120)).toEqual({ settled: true, actual: 120 })
    expect(await used()).toBe(120)
  })

  it('charges no second time, where the first charge may have been made', async () => {
    const { one, two, used } = failing('charge', timeoutError(15, 'store'))
    const handle = await reserved(one)
    await expect(one.resume(handle).settle(120)).rejects.toMatchObject({ code: 'store-unavailable' })
    expect(await two.resume(handle).settle(120)).toEqual({ settled: false, actual: 120 })
    expect(await used()).toBe(100)
  })
})

describe('what is no handle', () => {
  it.each([
    null,
    'r1.abc',
    {},
    { id: '', who: 'a', call: {}, spends: [], expiresAtUs: 1 },
    { id: 'x', who: 5, call: {}, spends: [], expiresAtUs: 1 },
    { id: 'x', who: 'a', call: null, spends: [], expiresAtUs: 1 },
    { id: 'x', who: 'a', call: {}, spends: [{ receipt: {}, units: 1 }], expiresAtUs: 1 },
    { id: 'x', who: 'a', call: {}, spends: [null], expiresAtUs: 1 },
    { id: 'x', who: 'a', call: {}, spends: [], expiresAtUs: -1 },
  ])('is refused: %j', (handle) => {
    const resume = (): unknown => bench().one.resume(handle as unknown as ReservationHandle)
    expect(resume).toThrow(expect.objectContaining({ code: 'invalid-receipt' }))
  })
})
