import { describe, expect, it } from 'vitest'
import type { Receipt } from '../../src/core/receipt.ts'
import { createLimiter } from '../../src/create-limiter.ts'
import { guarded } from '../../src/entries/resilience.ts'
import { manualClock } from '../../src/testing/manual-clock.ts'
import { ControllableStore, turn } from './controllable-store.ts'
import { bench, policy } from './failing-limiter.ts'

describe('receipts of what was spent while the store failed', () => {
  it('are taken back where they were spent, once, and never in the store', async () => {
    const { limiter, store, clock } = bench([policy('api', 'local', 2)])
    const { receipt } = await limiter.consume('alice', { cost: 2 })
    store.manner = 'answer'
    expect(await limiter.refund(receipt as Receipt)).toBe(2)
    expect(await limiter.refund(receipt as Receipt)).toBe(0)
    expect(store.count('refund')).toBe(0)
    store.manner = 'fail'
    clock.advance('1ms')
    expect(await limiter.consume('alice', { cost: 2 })).toMatchObject({ allowed: true, remaining: 0 })
    await limiter.refund(receipt as Receipt)
    expect((await limiter.consume('alice')).allowed).toBe(false)
  })

  it('give nothing back in another process, nor in the store', async () => {
    const [here, there] = [bench([policy('api')]), bench([policy('api')])]
    const { receipt } = await here.limiter.consume('alice', { cost: 2 })
    await there.limiter.consume('alice', { cost: 2 })
    await there.limiter.refund(receipt as Receipt)
    expect(there.store.count('refund')).toBe(0)
    expect((await there.limiter.consume('alice')).allowed).toBe(false)
  })

  it('of the store are not taken back in its place', async () => {
    const { limiter, store } = bench([policy('api')])
    store.manner = 'answer'
    const { receipt } = await limiter.consume('alice')
    store.manner = 'fail'
    await limiter.consume('alice', { cost: 2 })
    await expect(limiter.refund(receipt as Receipt)).rejects.toMatchObject({ code: 'store-unavailable' })
    expect((await limiter.consume('alice')).allowed).toBe(false)
  })

  it('settle reservations made meanwhile', async () => {
    const { limiter } = bench([policy('api', 'local', 10)])
    const reservation = await limiter.reserve('alice', { cost: 8 })
    expect(reservation).toMatchObject({ source: 'fallback', held: 8, remaining: 2 })
    await reservation.settle(3)
    expect(await limiter.peek('alice', { cost: 0 })).toMatchObject({ remaining: 7 })
  })
})

describe('limiters that share a store', () => {
  it('share what they spend in its place, receipts included', async () => {
    const store = guarded(new ControllableStore())
    store.manner = 'fail'
    const clock = manualClock()
    const [one, two] = [1, 2].map(() => {
      return createLimiter({ policies: [policy('api', 'local', 2)], store, clock, replicas: 1 })
    })
    const first = await one?.consume('alice')
    expect(await two?.consume('alice')).toMatchObject({ allowed: true, remaining: 0 })
    await two?.refund(first?.receipt as Receipt)
    expect(await one?.peek('alice')).toMatchObject({ allowed: true })
  })

  it('are one replica', async () => {
    const ids: string[] = []
    const store = guarded(
      Object.assign(new ControllableStore(), {
        heartbeat: async (id: string) => ids.push(id),
      }),
    )
    const limiters = [1, 2].map(() => createLimiter({ limit: '1/s', store, clock: manualClock() }))
    for (const limiter of limiters) await limiter.consume('alice')
    await turn()
    expect(ids).toHaveLength(2)
    expect(new Set(ids).size).toBe(1)
    for (const limiter of limiters) await limiter.close()
  })
})
