import { describe, expect, it } from 'vitest'
import type { Limiter } from '../../src/core/limiter.ts'
import type { PolicyOptions } from '../../src/core/policy-options.ts'
import type { Store } from '../../src/core/store.ts'
import { createLimiter } from '../../src/create-limiter.ts'
import { onEveryStore } from '../guarantees/stores.ts'

const rules = [{ algorithm: 'token-bucket', limit: '1/day', burst: 1000 }]
const policies: PolicyOptions[] = [
  { name: 'calls', key: 'user', rules },
  { name: 'fixed', key: 'user', rules, cost: 5 },
  { name: 'tokens', key: 'user', rules, cost: 'tokens' },
]

onEveryStore('the cost of a policy', ({ bench }) => {
  const limiterOf = (more: PolicyOptions[] = policies): Limiter => {
    const { store, clock } = bench()
    return createLimiter<Store>({ policies: more, store, clock })
  }
  const used = async (limiter: Limiter, user = 'a'): Promise<Record<string, number>> => {
    const { rules: views } = await limiter.peek({ user }, { cost: 0 })
    return Object.fromEntries(views.map(({ policy, remaining }) => [policy, 1000 - remaining]))
  }

  it('is spent where the call gives none: a number, or an attribute', async () => {
    const limiter = limiterOf()
    const decision = await limiter.consume({ user: 'a', tokens: 300 })
    expect(await used(limiter)).toEqual({ calls: 1, fixed: 5, tokens: 300 })
    // The binding rule is the one with the least remaining.
    expect(decision).toMatchObject({ allowed: true, policy: 'tokens', cost: 300, remaining: 700 })
    expect(await limiter.consume({ user: 'b' })).toMatchObject({ policy: 'fixed', cost: 5 })
    expect(await used(limiter, 'b')).toEqual({ calls: 1, fixed: 5, tokens: 1 })
  })

  it('gives way to the cost of a call', async () => {
    const limiter = limiterOf()
    expect(await limiter.consume({ user: 'a', tokens: 300 }, { cost: 2 })).toMatchObject({ cost: 2 })
    await limiter.charge({ user: 'a', tokens: 300 }, 3)
    expect(await used(limiter)).toEqual({ calls: 5, fixed: 5, tokens: 5 })
  })

  it('is what a denial tells, and denies alone what is too much', async () => {
    const limiter = limiterOf()
    await limiter.consume({ user: 'a', tokens: 900 })
    const denied = await limiter.consume({ user: 'a', tokens: 200 })
    expect(denied).toMatchObject({ allowed: false, policy: 'tokens', cost: 200, reason: 'limited' })
    expect(await limiter.consume({ user: 'a', tokens: 1001 })).toMatchObject({
      reason: 'cost-exceeds-capacity',
    })
    expect(await used(limiter)).toEqual({ calls: 1, fixed: 5, tokens: 900 })
    expect(await limiter.peek({ user: 'a', tokens: 100 })).toMatchObject({
      allowed: true,
      cost: 100,
      remaining: 0,
    })
  })

  it('is given back as a whole by its receipt, and by a cancelled reservation', async () => {
    const limiter = limiterOf()
    const { receipt } = await limiter.consume({ user: 'a', tokens: 300 })
    expect(await limiter.refund(receipt as never)).toBe(1)
    expect(await used(limiter)).toEqual({ calls: 0, fixed: 0, tokens: 0 })
    const reservation = await limiter.reserve({ user: 'a', tokens: 2 })
    expect(reservation.held).toBe(5)
    await reservation.cancel()
    expect(await used(limiter)).toEqual({ calls: 0, fixed: 0, tokens: 0 })
    const settled = await limiter.reserve({ user: 'a', tokens: 300 })
    await settled.settle(310)
    expect(await used(limiter)).toEqual({ calls: 11, fixed: 15, tokens: 310 })
  })

  it('of 0 spends nothing beside others that do, and gives back only theirs', async () => {
    const limiter = limiterOf()
    const { allowed, receipt } = await limiter.consume({ user: 'a', tokens: 0 })
    expect(allowed).toBe(true)
    expect(await used(limiter)).toEqual({ calls: 1, fixed: 5, tokens: 0 })
    expect(await limiter.refund(receipt as never)).toBe(1)
    expect(await used(limiter)).toEqual({ calls: 0, fixed: 0, tokens: 0 })
    await limiter.charge({ user: 'a' }, 1001, { policy: 'tokens' })
    expect(await limiter.consume({ user: 'a', tokens: 0 })).toMatchObject({
      allowed: false,
      policy: 'tokens',
    })
    const free = limiterOf([{ name: 'free', key: 'user', rules, cost: 0 }])
    expect(await free.consume({ user: 'a' })).toMatchObject({ allowed: true, cost: 0, receipt: null })
  })

  it('is that of each request of a joint decision', async () => {
    const limiter = limiterOf()
    const joint = await limiter.decide([
      { who: { user: 'a', tokens: 100 } },
      { who: { user: 'a', tokens: 20 } },
      { who: { user: 'b', tokens: 7 }, cost: 3 },
      { who: { user: 'c', tokens: 4 }, verb: 'charge' },
      { who: { user: 'd', tokens: 4 }, verb: 'peek' },
    ])
    expect(joint.decisions.map(({ policy, cost }) => [policy, cost])).toEqual([
      ['tokens', 100],
      ['tokens', 20],
      ['calls', 3],
      ['fixed', 5],
      ['fixed', 5],
    ])
    expect(await used(limiter)).toEqual({ calls: 2, fixed: 10, tokens: 120 })
    expect(await used(limiter, 'b')).toEqual({ calls: 3, fixed: 3, tokens: 3 })
    expect(await used(limiter, 'c')).toEqual({ calls: 1, fixed: 5, tokens: 4 })
    const denied = await limiter.decide([
      { who: { user: 'a', tokens: 900 } },
      { who: { user: 'e', tokens: 9 } },
    ])
    expect(denied.allowed).toBe(false)
    // Nothing was spent for the other one: its binding rule is the first of equals.
    expect(denied.decisions.map(({ policy, cost }) => [policy, cost])).toEqual([
      ['tokens', 900],
      ['calls', 1],
    ])
    expect(await used(limiter, 'e')).toEqual({ calls: 0, fixed: 0, tokens: 0 })
  })
})

describe('the cost of a policy', () => {
  const limiter = createLimiter({ policies })

  it.each([
    ['5', 5],
    [0, 0],
    ['', 1],
    [null, 1],
    [undefined, 1],
    ['0007', 7],
  ])('is %j of an attribute: %i', async (tokens, cost) => {
    const decision = await limiter.peek({ user: 'a', tokens } as never, { policy: 'tokens' })
    expect(decision.cost).toBe(cost)
  })

  it.each([
    [-1],
    [1.5],
    ['-1'],
    ['1.5'],
    ['many'],
    [' 5'],
    ['1e3'],
    ['0x10'],
    [2 ** 53],
    ['99999999999999999'],
    [true],
    [[1]],
  ])('is not %j: the error names policy and attribute', async (tokens) => {
    const call = limiter.consume({ user: 'a', tokens } as never)
    await expect(call).rejects.toMatchObject({
      code: 'invalid-key',
      message: expect.stringMatching(
        /^attribute tokens is .*, and policy tokens takes its cost from it; pass a whole number/,
      ),
    })
    expect(await limiter.peek({ user: 'a', tokens } as never, { cost: 1 })).toMatchObject({ allowed: true })
  })

  it.each<[unknown, string]>([
    [-1, 'policies[0].cost: -1 is not a cost; use a whole number of 0 or more'],
    [1.5, 'policies[0].cost: 1.5 is not a cost'],
    ['', 'policies[0].cost: "" is not a cost; use a whole number, or the name of an attribute'],
    ['5', 'policies[0].cost: "5" is not a cost'],
    [null, 'policies[0].cost: null is not a cost'],
    [{ attribute: 'tokens' }, 'policies[0].cost: an object is not a cost'],
  ])('cannot be %j', (cost, message) => {
    expect(() => createLimiter({ policies: [{ name: 'p', rules, cost: cost as never }] })).toThrow(message)
  })

  it('is an entry of a descriptor too', async () => {
    const hits = createLimiter({ policies: [{ name: 'p', key: 'global', rules, cost: 'descriptor.hits' }] })
    expect(await hits.consume({ descriptor: [{ key: 'hits', value: '7' }] })).toMatchObject({ cost: 7 })
  })

  it('counts for those that wait', async () => {
    const slow = createLimiter({ policies: [{ name: 'p', key: 'user', rules: ['10/day'], cost: 'units' }] })
    expect(await slow.wait({ user: 'a', units: 8 }, { timeout: 0 })).toMatchObject({ allowed: true, cost: 8 })
    expect(await slow.wait({ user: 'a', units: 3 }, { timeout: 0 })).toMatchObject({
      allowed: false,
      cost: 3,
    })
    await slow.close()
  })
})
