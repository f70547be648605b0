import { describe, expect, it } from 'vitest'
import type { Reservation } from '../../src/core/limiter.ts'
import type { PolicyOptions } from '../../src/core/policy-options.ts'
import { createLimiter } from '../../src/create-limiter.ts'
import { StoreTimeout } from '../../src/entries/resilience.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { manualClock } from '../../src/testing/manual-clock.ts'
import { down, turn } from './controllable-store.ts'
import { bench, policy } from './failing-limiter.ts'

const owed = {
  code: 'store-unavailable',
  message: expect.stringContaining('"closed" charges nobody meanwhile; settle again'),
}

/** A reservation that the store spent, after which its calls fail. */
async function reserved(...policies: PolicyOptions[]) {
  const made = bench(policies)
  made.store.manner = 'answer'
  const reservation = await made.limiter.reserve('alice', { cost: 2 })
  made.store.manner = 'fail'
  return { ...made, reservation }
}

async function settleWhenBack(reservation: Reservation): Promise<number> {
  await reservation.settle(5)
  await reservation.settle(5)
  return reservation.held
}

describe('a charge of a settlement that the store does not answer', () => {
  it('stays owed where a policy is closed, and is made by the next call, once', async () => {
    const { limiter, store, reservation } = await reserved(policy('p', 'closed'))
    const heard: string[] = []
    limiter.on('decision', ({ source, cost }, { verb }) => heard.push(`${verb} ${cost} ${source}`))
    for (const times of [1, 2]) {
      await expect(reservation.settle(5)).rejects.toMatchObject({ ...owed, cause: down() })
      expect([reservation.held, store.count('charge')]).toEqual([2, times])
    }
    store.manner = 'answer'
    expect(await settleWhenBack(reservation)).toBe(0)
    expect(store.count('charge')).toBe(3)
    expect(heard).toEqual(['settle 3 closed', 'settle 3 closed', 'settle 3 store'])
    await limiter.close()
  })

  it('stays owed where one of several policies is closed', async () => {
    const { limiter, reservation } = await reserved(
      policy('p', 'closed'),
      policy('q', 'local'),
      policy('r', 'open'),
    )
    await expect(reservation.settle(5)).rejects.toMatchObject(owed)
    expect(reservation.held).toBe(2)
    await limiter.close()
  })

  it('stays owed while a breaker keeps it from the store, also one that timeouts opened', async () => {
    const { limiter, store, clock, reservation } = await reserved(policy('p', 'closed'))
    store.manner = 'hang'
    const asked = Array.from({ length: 5 }, () => limiter.consume('bob'))
    await turn()
    clock.advance(15)
    await Promise.all(asked)
    await expect(reservation.settle(5)).rejects.toMatchObject({
      cause: { cause: { cause: new StoreTimeout(15, 'store') } },
    })
    expect([reservation.held, store.count('charge')]).toEqual([2, 0])
    store.manner = 'answer'
    clock.advance(50)
    await turn()
    expect(await settleWhenBack(reservation)).toBe(0)
    expect(store.count('charge')).toBe(1)
    await limiter.close()
  })

  it('is not made twice where its answer alone may be lost', async () => {
    const { limiter, store, clock, reservation } = await reserved(policy('p', 'closed'))
    store.manner = 'hang'
    const settling = expect(reservation.settle(5)).rejects.toMatchObject(owed)
    await turn()
    clock.advance(15)
    await settling
    expect(reservation.held).toBe(2)
    store.manner = 'answer'
    expect(await settleWhenBack(reservation)).toBe(0)
    expect(store.count('charge')).toBe(1)
    await limiter.close()
  })

  it.each(['open', 'local'] as const)(
    'is done where the policy is %s, which decides in its place',
    async (mode) => {
      const { limiter, store, reservation } = await reserved(policy('p', mode))
      expect(await settleWhenBack(reservation)).toBe(0)
      expect(store.count('charge')).toBe(1)
      await limiter.close()
    },
  )

  it('is done where no store has to be asked any more', async () => {
    const { limiter, store, reservation } = await reserved(policy('p', 'closed'))
    limiter.policies.delete('p')
    expect(await settleWhenBack(reservation)).toBe(0)
    expect(store.count('charge')).toBe(0)
    await limiter.close()
  })
})

describe('a charge of a settlement that is refused', () => {
  it('stays owed until the key has room for its window again', async () => {
    const clock = manualClock()
    const limiter = createLimiter({ limit: '9/h', store: memoryStore({ clock }), clock })
    const limit = '9/10s'
    const reservation = await limiter.reserve('alice', { cost: 2, limit })
    clock.advance('10s')
    for (let i = 1; i <= 5; i++) await limiter.consume('alice', { limit: `9/${i}min` })
    await expect(reservation.settle(5)).rejects.toMatchObject({ code: 'too-many-windows' })
    expect(reservation.held).toBe(2)
    clock.advance('1min')
    await reservation.settle(5)
    expect(reservation.held).toBe(0)
    expect(await limiter.peek('alice', { limit, cost: 0 })).toMatchObject({ remaining: 6 })
  })
})

describe('wait while the store does not answer', () => {
  it('asks again each second where a policy is closed', async () => {
    const { limiter, store, clock } = bench([policy('p', 'closed')])
    const waiting = limiter.wait('alice')
    await turn()
    clock.advance('999ms')
    await turn()
    expect(store.count('consume')).toBe(1)
    store.manner = 'answer'
    clock.advance('1ms')
    expect(await waiting).toMatchObject({ allowed: true, source: 'store' })
    await limiter.close()
  })

  it('is denied where it cannot wait for that', async () => {
    const { limiter } = bench([policy('p', 'closed')])
    expect(await limiter.wait('alice', { timeout: '999ms' })).toMatchObject({
      allowed: false,
      source: 'closed',
      retryAfterMs: 1000,
    })
    await limiter.close()
  })

  it.each([
    ['open', 'open'],
    ['local', 'fallback'],
  ] as const)('ends where a policy is %s', async (mode, source) => {
    const { limiter } = bench([policy('p', mode)])
    expect(await limiter.wait('alice')).toMatchObject({ allowed: true, source })
    await limiter.close()
  })

  it('rejects where the store has no guard', async () => {
    const { store } = bench([])
    const limiter = createLimiter({ limit: '1/s', store })
    await expect(limiter.wait('alice')).rejects.toMatchObject({ code: 'store-unavailable' })
  })
})
