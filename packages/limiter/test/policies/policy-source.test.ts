import { describe, expect, it } from 'vitest'
import type { HeadgateError } from '../../src/core/errors.ts'
import type { Receipt } from '../../src/core/receipt.ts'
import { createLimiter } from '../../src/create-limiter.ts'
import { type Loaded, policySource } from '../../src/policies/source/policy-source.ts'
import { type Answer, acme, bench, pending, settled } from './source-bench.ts'

describe('a policy source', () => {
  it.each<[string, Loaded, object]>([
    ['a rate', '5/min', { policy: 'default', rule: '1m', limit: 5 }],
    ['a rate in two parts', { limit: 5, window: '1m' }, { rule: '1m', limit: 5 }],
    ['rates', ['5/min', '7/h'], { rule: '1m', limit: 5, rules: [{ limit: 5 }, { limit: 7 }] }],
    ['a rule', { name: 'r', algorithm: 'token-bucket', limit: '5/s', burst: 3 }, { rule: 'r', limit: 3 }],
    ['rules', [{ name: 'r', limit: '5/s' }, '100/h'], { rule: 'r', limit: 5 }],
    ['a policy', { name: 'p', rules: ['5/min'] }, { policy: 'p', limit: 5 }],
    [
      'policies',
      [
        { name: 'p', rules: ['5/min'] },
        { name: 'q', key: 'user', missing: 'skip', rules: ['2/min'] },
      ],
      { policy: 'p', rules: [{ policy: 'p' }] },
    ],
    ['nothing to limit', [], { reason: 'unmatched', allowed: true }],
  ])('takes %s', async (_, loaded, decision) => {
    const { limiter } = bench(loaded)
    expect(await limiter.consume(acme)).toMatchObject(decision)
  })

  it.each<[unknown, string]>([
    ['5/minn', 'is not a duration'],
    [undefined, 'undefined is no limit; return a rate such as 100/min, a rule, policies, or [] for no limit'],
    [null, 'null is no limit'],
    [['5/min', null], 'null is no limit'],
    [['5/min', { name: 'p', rules: ['1/s'] }], 'policies and rates are both there'],
    [{ name: 'p', rules: ['1/s'], colour: 1 }, 'unknown field "colour"'],
  ])('tells of %j, which is no limit, as the cause', async (loaded, message) => {
    const { limiter } = bench(loaded as Loaded)
    const error = await limiter.consume(acme).catch((reason: HeadgateError) => reason)
    expect(error).toMatchObject({ code: 'source-unavailable', message: expect.stringContaining('"acme"') })
    expect(((error as HeadgateError).cause as Error).message).toContain(message)
  })

  it('keeps the budgets of two keys apart, whatever they are keyed by', async () => {
    const { limiter } = bench([
      { name: 'all', rules: ['5/min'] },
      { name: 'user', key: 'user', rules: ['3/min'] },
    ])
    const remaining = async (who: object): Promise<number[]> =>
      (await limiter.consume(who as never)).rules.map((rule) => rule.remaining)
    expect(await remaining({ tenant: 'a', user: 'u' })).toEqual([4, 2])
    expect(await remaining({ tenant: 'b', user: 'u' })).toEqual([4, 2])
    expect(await remaining({ tenant: 'a', user: 'u' })).toEqual([3, 1])
    expect(await remaining({ tenant: 'a', ip: '192.0.2.1' })).toEqual([2, 2])
    expect(await remaining({ tenant: 'b', ip: '192.0.2.1' })).toEqual([3, 2])
    expect(await limiter.reset({ tenant: 'a', user: 'u' })).toEqual(['all', 'user'])
    expect(await remaining({ tenant: 'a', user: 'u' })).toEqual([4, 2])
    expect(await remaining({ tenant: 'b', user: 'u' })).toEqual([2, 1])
  })

  it('loads once for all who ask meanwhile, and again after its ttl', async () => {
    const one = bench('5/min', { ttl: '30s' })
    await Promise.all(Array.from({ length: 4 }, () => one.limiter.consume(acme)))
    expect(one.loads).toEqual(['acme'])
    one.clock.advance('29s')
    expect(await one.limiter.consume(acme)).toMatchObject({ limit: 5, remaining: 0 })
    one.answer = () => '9/min'
    one.clock.advance('2s')
    // The same budget: what was spent stays spent.
    expect(await one.limiter.consume(acme)).toMatchObject({ limit: 9, remaining: 3 })
    expect(one.loads).toHaveLength(2)
  })

  it('answers at once what is loaded, also without a promise', async () => {
    const { limiter } = bench('5/min')
    expect(() => limiter.consumeSync(acme)).toThrow(expect.objectContaining({ code: 'not-synchronous' }))
    expect(await limiter.peek(acme)).toMatchObject({ remaining: 4 })
    expect(limiter.consumeSync(acme)).toMatchObject({ remaining: 4 })
  })

  it('keeps compiled budgets where what is loaded is unchanged, for one key or several', async () => {
    const one = bench([{ name: 'p', rules: ['5/min'] }])
    const origin = async (tenant: string): Promise<unknown> =>
      (await one.limiter.consume({ tenant })).receipt?.origin
    const first = await origin('a')
    expect(await origin('b')).toBe(first)
    one.clock.advance('31s')
    expect(await origin('a')).toBe(first)
    one.answer = () => [{ name: 'p', rules: ['6/min'] }]
    one.clock.advance('31s')
    expect(await origin('a')).not.toBe(first)
  })

  it('keeps the limits of at most max keys: the one used longest ago goes', async () => {
    const one = bench('5/min', { max: 2 })
    for (const tenant of ['a', 'b', 'a', 'c', 'a', 'b']) await one.limiter.consume({ tenant })
    expect(one.loads).toEqual(['a', 'b', 'c', 'b'])
  })

  it.each<[string, Answer]>([
    ['fails', new Error('no such tenant')],
    ['returns nothing', undefined as never],
  ])('keeps the limits of customers under a flood of keys for which load %s', async (_, nothing) => {
    const one = bench('5/min', { max: 50 })
    await one.limiter.consume(acme)
    one.answer = () => nothing
    for (let i = 0; i < 200; i++) {
      const call = one.limiter.consume({ tenant: `made up ${i}` })
      await expect(call).rejects.toMatchObject({ code: 'source-unavailable' })
    }
    one.clock.advance('31s')
    one.answer = () => new Error('db down')
    expect(await one.limiter.consume(acme)).toMatchObject({ limit: 5, remaining: 3 })
  })

  it('remembers no more keys without limits than max', async () => {
    const one = bench(new Error('no such tenant'), { max: 2 })
    const ask = (tenant: string): Promise<unknown> => one.limiter.consume({ tenant }).catch(() => {})
    for (const tenant of ['a', 'b', 'a', 'c', 'a', 'b']) await ask(tenant)
    expect(one.loads).toEqual(['a', 'b', 'c', 'b'])
  })

  it('keeps limits that come when many other keys were asked for meanwhile', async () => {
    const begun = pending()
    const one = bench(begun.promise, { max: 2 })
    const first = one.limiter.consume(acme)
    await settled()
    one.answer = () => new Error('no such tenant')
    for (let i = 0; i < 5; i++) await one.limiter.consume({ tenant: `made up ${i}` }).catch(() => {})
    begun.resolve('5/min')
    expect(await first).toMatchObject({ limit: 5 })
    const loads = one.loads.length
    expect(await one.limiter.consume(acme)).toMatchObject({ limit: 5, remaining: 3 })
    expect(one.loads).toHaveLength(loads)
  })

  it('invalidates a key that is a number, and refuses what is no key', async () => {
    const one = bench('5/min')
    await one.limiter.consume({ tenant: 5 })
    const { policies } = one.limiter
    for (const key of [5, '5']) policies.invalidate(key)
    await one.limiter.consume({ tenant: 5 })
    policies.invalidate(5)
    await one.limiter.consume({ tenant: 5 })
    expect(one.loads).toEqual(['5', '5', '5'])
    for (const key of [{}, [], '', null, 1.5, Number.NaN, true]) {
      expect(() => policies.invalidate(key as never)).toThrow(
        expect.objectContaining({
          code: 'invalid-key',
          message: expect.stringContaining('is no key of the policy source'),
        }),
      )
    }
  })

  it('tells of a key function that throws, with the cause', async () => {
    const cause = new TypeError('cannot read id')
    const one = bench('5/min', {
      key: () => {
        throw cause
      },
    })
    await expect(one.limiter.consume(acme)).rejects.toMatchObject({
      code: 'invalid-key',
      message: expect.stringContaining('the key function of the policy source threw'),
      cause,
    })
    expect(one.loads).toEqual([])
  })

  it('still knows the receipts of a key while loads of another one end that was dropped', async () => {
    const [first, second] = [pending(), pending()]
    const one = bench(first.promise, { max: 1 })
    const early = one.limiter.consume(acme).catch((reason: HeadgateError) => reason.code)
    await settled()
    one.clock.advance('1s')
    expect(await early).toBe('source-unavailable')
    one.clock.advance('1001ms')
    one.answer = () => second.promise
    const late = one.limiter.consume(acme)
    await settled()
    one.answer = () => '5/min'
    const { receipt } = await one.limiter.consume({ tenant: 'b' })
    first.resolve('5/min')
    second.resolve('5/min')
    expect(await late).toMatchObject({ allowed: true })
    await settled()
    expect(await one.limiter.refund(receipt as Receipt)).toBe(1)
  })

  it('refunds, reserves, waits and explains like any policies', async () => {
    const one = bench('5/min')
    const { receipt } = await one.limiter.consume(acme, { cost: 5 })
    expect(await one.limiter.refund(JSON.parse(JSON.stringify(receipt)))).toBe(5)
    const reservation = await one.limiter.reserve(acme, { cost: 3 })
    await reservation.settle(1)
    expect(await one.limiter.wait(acme, { timeout: 0 })).toMatchObject({ allowed: true, remaining: 3 })
    const { policies } = await one.limiter.explain(acme)
    expect(policies).toMatchObject([{ policy: 'default', outcome: 'applies', rules: [{ remaining: 2 }] }])
    expect(await one.limiter.decide([{ who: acme }, { who: { tenant: 'b' } }])).toMatchObject({
      allowed: true,
    })
  })

  it('is not asked for who is on a list, or while the limiter is off', async () => {
    const one = bench('1/min', {}, { allow: { tenant: 'friend' } })
    expect(await one.limiter.consume({ tenant: 'friend' })).toMatchObject({
      reason: 'unmatched',
      allowed: true,
    })
    expect(one.loads).toEqual([])
  })

  it.each([[undefined], [null], [''], [{}], [1.5]])('refuses a request whose key is %j', async (tenant) => {
    const { limiter } = bench('5/min')
    await expect(limiter.consume({ tenant } as never)).rejects.toMatchObject({ code: 'invalid-key' })
  })

  it('takes a plain key as the attribute key', async () => {
    const one = bench('5/min', { key: ({ key }) => key as string })
    expect(await one.limiter.consume('alice')).toMatchObject({ remaining: 4 })
    expect(one.loads).toEqual(['alice'])
  })

  it('is changed by what it loads, and by nothing else', () => {
    const { policies } = bench('5/min').limiter
    expect(policies.list()).toEqual([])
    expect(() => policies.set({ name: 'p', rules: ['1/s'] })).toThrow(
      'policies: they come from a policySource',
    )
    expect(() => createLimiter({ limit: '1/s' }).policies.invalidate()).toThrow(
      'they come from no policySource',
    )
  })

  it.each<[object, string]>([
    [{ key: 'tenant' }, 'source.key: "tenant" is not a function of attributes'],
    [{ load: undefined }, 'source.load: undefined is not a function of a key'],
    [{ ttl: 'soon' }, 'source.ttl: "soon" is not a duration'],
    [{ max: 0 }, 'source.max: 0 is not a number of keys; use 1 or more'],
    [{ onError: 'open' }, 'source.onError: "open" is neither stale nor throw'],
    [{ onError: 'throw', fallback: '1/s' }, 'source.fallback: "1/s" never applies with onError: throw'],
    [{ fallback: null }, 'source.fallback: null is no limit'],
    [{ maximum: 5 }, 'source: unknown field "maximum"'],
  ])('refuses %j', (options, message) => {
    expect(() => policySource({ key: () => 'a', load: () => '1/s', ...options } as never)).toThrow(message)
  })
})
