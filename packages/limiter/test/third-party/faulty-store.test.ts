import { describe, expect, it } from 'vitest'
import { createLimiter, type Limiter, memoryStore, type OnStoreError } from '../../src/entries/index.ts'
import { guarded } from '../../src/entries/resilience.ts'
import {
  expectAllowed,
  expectLimited,
  type Fault,
  type FaultyStore,
  faultyStore,
  type ManualClock,
  manualClock,
  storeContract,
} from '../../src/entries/testing.ts'

interface Subject {
  readonly clock: ManualClock
  readonly store: FaultyStore
  readonly limiter: Limiter
}

function subject(onStoreError: OnStoreError, faults: readonly Fault[] = []): Subject {
  const clock = manualClock()
  const store = faultyStore(memoryStore({ clock }), { faults })
  const limiter = createLimiter({ limit: '3/min', store: guarded(store), onStoreError, clock })
  return { clock, store, limiter }
}

describe('faultyStore', () => {
  it('keeps the store contract while nothing fails', async () => {
    const clock = manualClock()
    let names = 0
    const contract = {
      store: faultyStore(memoryStore({ clock })),
      clock,
      unique: () => `u${++names}`,
    }
    for (const one of storeContract) await one.run(contract)
  })

  it('fails the calls of its script, and then works', async () => {
    const { limiter } = subject('closed', ['none', 'fail'])
    expectAllowed(await limiter.consume('a'), { remaining: 2, source: 'store' })
    expectLimited(await limiter.consume('a'), { reason: 'store-unavailable', source: 'closed' })
    expectAllowed(await limiter.consume('a'), { remaining: 1, source: 'store' })
  })

  it('loses answers of calls that were carried out', async () => {
    const { limiter, store } = subject('open')
    store.next('lose')
    expectAllowed(await limiter.consume('a'), { reason: 'store-unavailable', source: 'open' })
    expectAllowed(await limiter.consume('a'), { remaining: 1 })
  })

  it('hangs until the deadline has passed', async () => {
    const { limiter, store, clock } = subject('closed')
    store.next('hang')
    const asked = limiter.consume('a')
    clock.advance('15ms')
    expectLimited(await asked, { source: 'closed' })
    expectAllowed(await limiter.consume('a'), { remaining: 2 })
  })

  it.each([
    ['in time', '14ms', { source: 'store', remaining: 2 }],
    ['too late', '16ms', { source: 'open', remaining: null }],
  ])('answers %s', async (_, late, decision) => {
    const { limiter, store, clock } = subject('open')
    store.next({ late })
    const asked = limiter.consume('a')
    await new Promise(setImmediate) // until the answer waits
    clock.advance('15ms')
    expectAllowed(await asked, decision as object)
  })

  it('fails for good, which opens the breaker, until it is told to work', async () => {
    const { limiter, store, clock } = subject('local')
    store.always('fail')
    for (let i = 0; i < 20; i++) await limiter.consume(`k${i}`)
    expect(limiter.health().breaker).toBe('open')
    store.always('none')
    clock.advance('1m')
    await new Promise(setImmediate)
    expectAllowed(await limiter.consume('a'), { source: 'store' })
  })

  it('has no way around its faults', () => {
    const store = faultyStore(guarded(memoryStore()))
    expect(['decideSync', 'guard', 'queues', 'parts'].filter((name) => name in store)).toEqual([])
    expect('acquire' in store && 'next' in store).toBe(true)
  })

  it('refuses what is no fault', () => {
    expect(() => faultyStore(memoryStore(), { faults: ['crash' as Fault] })).toThrow(/fault: "crash" is not/)
    expect(() => faultyStore(memoryStore()).always({ late: 'soon' })).toThrow(/fault\.late/)
  })
})
