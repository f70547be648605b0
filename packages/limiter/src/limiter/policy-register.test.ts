import { describe, expect, it } from 'vitest'
import type { PolicyOptions } from '../core/policy-options.ts'
import { createLimiter } from '../create-limiter.ts'
import { PolicySet } from '../policies/policy-set.ts'
import { memoryStore } from '../stores/memory/index.ts'

const policy = (name: string, limit: string): PolicyOptions => ({ name, key: 'user', rules: [limit] })
const context = { custom: new Map() }

describe('replacing policies', () => {
  it('puts all of them in force as one change', async () => {
    const limiter = createLimiter({ policies: [policy('a', '5/h'), policy('b', '9/h')] })
    await limiter.consume({ user: 'x' })
    limiter.policies.replace([policy('b', '9/h'), policy('c', '2/h')])
    expect(limiter.policies.list().map(({ name }) => name)).toEqual(['b', 'c'])
    const { rules } = await limiter.peek({ user: 'x' }, { cost: 0 })
    expect(rules.map(({ policy: name, remaining }) => [name, remaining])).toEqual([
      ['b', 8],
      ['c', 2],
    ])
  })

  it('changes nothing where one of them is wrong', async () => {
    const limiter = createLimiter({ policies: [policy('a', '5/h')], deny: { user: ['mallory'] } })
    expect(() => limiter.policies.replace([policy('b', '9/h'), policy('c', '2/x')])).toThrow('policies[1]')
    expect(() => limiter.policies.replace([policy('b', '9/h')], { deny: { ip: ['x'] } })).toThrow('deny.ip')
    expect(limiter.policies.list()).toEqual([policy('a', '5/h')])
    expect(await limiter.consume({ user: 'mallory' })).toMatchObject({ reason: 'denied-by-policy' })
  })

  it('keeps the lists, unless others are given with it', async () => {
    const limiter = createLimiter({ policies: [policy('a', '5/h')], deny: { user: ['mallory'] } })
    limiter.policies.replace([policy('a', '6/h')])
    expect(await limiter.consume({ user: 'mallory' })).toMatchObject({ allowed: false, source: 'none' })
    limiter.policies.replace([policy('a', '6/h')], { deny: undefined } as never)
    expect(await limiter.consume({ user: 'mallory' })).toMatchObject({ allowed: false, source: 'none' })
    for (const wrong of [{ denny: {} }, 'x', null, []]) {
      expect(() => limiter.policies.replace([policy('a', '6/h')], wrong as never)).toThrow('lists: ')
    }
    limiter.policies.replace([policy('a', '6/h')], { deny: {} })
    expect(await limiter.consume({ user: 'mallory' })).toMatchObject({ allowed: true, source: 'store' })
  })

  it('compiles anew only what has changed, so that budgets go on with all that is remembered of them', () => {
    const before = new PolicySet({ policies: [policy('a', '5/h'), policy('b', '9/h')] }, context)
    const after = new PolicySet({ policies: [policy('b', '9/h'), policy('a', '6/h')] }, context, before)
    expect(after.policies[0]).toBe(before.policies[1])
    expect(after.policies[1]?.budget).not.toBe(before.policies[0]?.budget)
  })
})

describe('lists of a limiter', () => {
  it('come before the policies, and spend nothing', async () => {
    const store = memoryStore()
    const limiter = createLimiter({
      limit: '5/h',
      store,
      allow: { key: ['root'] },
      deny: { key: ['mallory'] },
    })
    expect(limiter.consumeSync('root')).toMatchObject({ allowed: true, reason: 'unmatched', source: 'none' })
    expect(limiter.consumeSync('mallory')).toMatchObject({
      allowed: false,
      reason: 'denied-by-policy',
      retryAfterMs: null,
      rules: [],
    })
    expect(store.stats().keys).toBe(0)
    expect(limiter.consumeSync('alice')).toMatchObject({ allowed: true, remaining: 4 })
  })

  it('let nobody off a mistake', async () => {
    const limiter = createLimiter({ limit: '5/h', allow: { key: ['root'] } })
    await expect(limiter.consume('root', { policy: 'x' })).rejects.toMatchObject({ code: 'unknown-policy' })
    await expect(limiter.consume('root', { cost: -1 })).rejects.toMatchObject({ code: 'invalid-cost' })
    const noList = { allow: { key: {} } } as never
    expect(() => createLimiter({ limit: '5/h', ...(noList as object) })).toThrow('options.allow.key')
  })
})
