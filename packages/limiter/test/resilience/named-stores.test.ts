import { describe, expect, it } from 'vitest'
import type { PolicyOptions } from '../../src/core/policy-options.ts'
import type { Receipt } from '../../src/core/receipt.ts'
import type { Store } from '../../src/core/store.ts'
import { createLimiter } from '../../src/create-limiter.ts'
import { type NamedStores, namedStores } from '../../src/entries/resilience.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { expectAllowed, expectLimited } from '../../src/testing/expect.ts'
import { manualClock } from '../../src/testing/manual-clock.ts'
import { ControllableStore, turn } from './controllable-store.ts'

const api: PolicyOptions = { name: 'api', key: 'user', rules: ['9/s'] }
const trail: PolicyOptions = { name: 'trail', key: 'user', rules: ['9/s'], store: 'audit' }
const alice = { user: 'alice' }

function onMemory(...policies: PolicyOptions[]) {
  const clock = manualClock()
  const [main, audit] = [memoryStore({ clock }), memoryStore({ clock })]
  const store = namedStores({ main, audit })
  return { clock, main, audit, store, limiter: createLimiter({ policies, store, clock }) }
}

describe('named stores', () => {
  it('keep the budgets of a policy where it says, and of others in the first', async () => {
    const { limiter, main, audit } = onMemory(api, trail)
    await limiter.consume(alice, { policy: 'api' })
    expect([main.stats().keys, audit.stats().keys]).toEqual([1, 0])
    await limiter.consume({ user: 'bob' }, { policy: 'trail' })
    expect([main.stats().keys, audit.stats().keys]).toEqual([1, 1])
    await limiter.close()
  })

  it('spend in all of them or in none', async () => {
    const { limiter } = onMemory(api, { ...trail, rules: ['2/s'] })
    expectAllowed(await limiter.consume(alice, { cost: 2 }), { remaining: 0 })
    expectLimited(await limiter.consume(alice, { cost: 2 }), { policy: 'trail' })
    expectAllowed(await limiter.peek(alice, { cost: 0, policy: 'api' }), { remaining: 7 })
    await limiter.close()
  })

  it('are refunded and reset wherever they lie', async () => {
    const { limiter } = onMemory(api, trail)
    const { receipt } = await limiter.consume(alice, { cost: 9 })
    await limiter.refund(receipt as Receipt)
    expectAllowed(await limiter.consume(alice, { cost: 9 }))
    await limiter.reset(alice)
    expectAllowed(await limiter.consume(alice, { cost: 9 }))
    await limiter.close()
  })

  it('keep rates given with a call, and overrides, where the policy says', async () => {
    const overrides = [{ match: { user: 'vip' }, rules: { '1s': { limit: '50/s' } } }]
    const { limiter, main } = onMemory({ ...trail, overrides })
    await limiter.consume(alice, { limit: '3/s' })
    expectAllowed(await limiter.consume({ user: 'vip' }, { cost: 50 }))
    expect(main.stats().keys).toBe(0)
    await limiter.close()
  })

  it('have a breaker each, and may be in this process', async () => {
    const clock = manualClock()
    const [main, audit] = [new ControllableStore(), new ControllableStore()]
    const store = namedStores({ main, local: memoryStore({ clock }), audit })
    const policies = [api, trail, { ...api, name: 'here', store: 'local' }]
    const limiter = createLimiter({ policies, store, clock })
    const ask = async (policy: string): Promise<string> => (await limiter.consume(alice, { policy })).source
    audit.manner = 'fail'
    for (let i = 0; i < 5; i++) expect(await ask('trail')).toBe('fallback')
    expect([await ask('api'), await ask('here'), await ask('trail')]).toEqual(['store', 'store', 'fallback'])
    expect(limiter.health().parts.map(({ breaker }) => breaker)).toEqual(['closed', 'open'])
    audit.manner = 'answer'
    clock.advance(50)
    await turn()
    expect(limiter.health()).toMatchObject({ store: 'reachable', breaker: 'closed', replicas: 4 })
    await limiter.close()
  })

  it('cannot fail where all are in this process', async () => {
    const { limiter } = onMemory(api)
    expect(limiter.health()).toMatchObject({ store: 'reachable', breaker: 'closed', parts: [] })
    await limiter.close()
  })

  it('have the clock that all of them in this process share, by which a limiter waits', async () => {
    const clock = manualClock()
    const store = namedStores({ main: memoryStore({ clock }), audit: memoryStore({ clock }) })
    expect(store.clock).toBe(clock)
    const limiter = createLimiter({ policies: [{ ...api, rules: ['1/s'] }], store })
    await limiter.consume(alice)
    const waiting = limiter.wait(alice)
    await turn()
    clock.advance('1s')
    expectAllowed(await waiting)
    await limiter.close()
  })

  it('have no clock where these differ, or none is in this process', () => {
    const [main, audit] = [memoryStore({ clock: manualClock() }), memoryStore({ clock: manualClock() })]
    const distant = new ControllableStore()
    expect(namedStores({ main, audit }).clock).toBeUndefined()
    expect(namedStores({ distant }).clock).toBeUndefined()
    expect(namedStores({ main, distant }).clock).toBe(main.clock)
    expect(namedStores({ main, inner: namedStores({ main }) }).clock).toBe(main.clock)
    expect(namedStores({ main, inner: namedStores({ audit }) }).clock).toBeUndefined()
  })

  it('are closed together', async () => {
    const [main, audit] = [new ControllableStore(), new ControllableStore()]
    await namedStores({ main, audit }).close()
    expect([main.calls, audit.calls]).toEqual([['close'], ['close']])
  })
})

describe('the store of a policy', () => {
  const stores = (): NamedStores => namedStores({ main: memoryStore(), audit: memoryStore() })
  it.each<[string, Store, string, string]>([
    ['nearly right', stores(), 'audti', '"audti" is not a store (did you mean "audit"?)'],
    ['unknown', stores(), 'elsewhere', '"elsewhere" is not a store; known are main, audit'],
    ['no text', stores(), 5 as never, '5 is not a store; known are main, audit'],
    ['given without names', memoryStore(), 'main', '"main" is not a store; name it with namedStores'],
  ])('is refused when it is %s', (_, store, name, message) => {
    const wrong = { ...trail, store: name }
    const path = 'policies[1].store'
    const error = { code: 'invalid-options', path, message: `${path}: ${message}` }
    expect(() => createLimiter({ policies: [api, wrong], store })).toThrow(expect.objectContaining(error))
    const limiter = createLimiter({ policies: [api], store })
    expect(() => limiter.policies.set(wrong)).toThrow(expect.objectContaining(error))
    expect(limiter.policies.list()).toEqual([api])
  })

  it('can be changed while it runs, and the budget begins anew there', async () => {
    const { limiter, audit } = onMemory(api)
    await limiter.consume(alice, { cost: 9 })
    limiter.policies.set({ ...api, store: 'audit' })
    expectAllowed(await limiter.consume(alice, { cost: 9 }))
    expect(audit.stats().keys).toBe(1)
    await limiter.close()
  })
})

describe('namedStores', () => {
  it.each([
    [{}, 'namedStores: an object names no store; use { main: … }'],
    [undefined, 'namedStores: undefined names no store'],
    [{ 'a b': memoryStore() }, 'namedStores.a b: "a b" is not a name'],
    [{ 7: memoryStore() }, 'namedStores.7: "7" is a number; begin the name with a letter'],
    [{ main: undefined }, 'namedStores.main: undefined is not a store'],
    [{ main: 'redis://a' }, 'namedStores.main: a text is not a store; pass redisStore(url)'],
    [{ main: memoryStore }, 'namedStores.main: a function is not a store'],
  ])('refuses %o', (given, message) => {
    expect(() => namedStores(given as never)).toThrow(message)
  })
})
