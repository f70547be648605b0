import { describe, expect, it } from 'vitest'
import { createLimiter } from '../create-limiter.ts'
import { policySource } from '../policies/source/policy-source.ts'
import { manualClock } from '../testing/manual-clock.ts'

const policies = [
  { name: 'all', key: 'global', rules: ['9/s'] },
  { name: 'login', match: { path: '/login' }, key: ['user', 'ip'], rules: ['5/min'] },
  { name: 'quiet', key: 'user', mode: 'shadow', rules: ['1/d'] },
  { name: 'bytes', match: { path: '/upload' }, key: 'user', cost: 'bytes', rules: ['9/s'] },
] as const

describe('keysOf', () => {
  it('names the budgets that a receipt of the same request names', async () => {
    const limiter = createLimiter({ policies })
    const who = { user: 'alice', ip: '192.0.2.1', path: '/login' }
    const { receipt } = await limiter.consume(who)
    if (receipt === null) throw new Error('nothing was spent')
    const spent = [receipt, ...receipt.others].map(({ origin, key }) => ({ policy: origin.policy, key }))
    expect(limiter.policies.keysOf(who)).toEqual(spent)
    expect(spent.map(({ policy }) => policy)).toEqual(['all', 'login', 'quiet'])
    expect(limiter.policies.keysOf(who, { policy: 'quiet' })).toEqual([{ policy: 'quiet', key: 'alice' }])
  })

  it('takes a plain key, and the rule of a call by its name', () => {
    const limiter = createLimiter({ limit: '5/s', policy: 'api' })
    expect(limiter.policies.keysOf('~x')).toEqual([{ policy: 'api', key: '~~x' }])
    const options = { policy: 'own', rule: { limit: '1/s' } } as const
    expect(limiter.policies.keysOf('x', options)).toEqual([{ policy: 'own', key: 'x' }])
  })

  it('needs no attribute that only says what a request costs', () => {
    const limiter = createLimiter({ policies })
    const names = limiter.policies.keysOf({ user: 'alice', path: '/upload' }).map(({ policy }) => policy)
    expect(names).toEqual(['all', 'quiet', 'bytes'])
  })

  it('has none of a request on a list, and none while the limiter is off', () => {
    let enabled = true
    const limiter = createLimiter({ policies, deny: { user: ['mallory'] }, enabled: () => enabled })
    expect(limiter.policies.keysOf({ user: 'mallory' })).toEqual([])
    expect(limiter.policies.keysOf({ user: 'alice' })).toHaveLength(2)
    enabled = false
    expect(limiter.policies.keysOf({ user: 'alice' })).toEqual([])
  })

  it('refuses what a call refuses', () => {
    const limiter = createLimiter({
      policies: [{ name: 'a', key: 'user', missing: 'refuse', rules: ['1/s'] }],
    })
    expect(() => limiter.policies.keysOf({})).toThrow('needs the attribute')
    expect(() => limiter.policies.keysOf('x', { policy: 'b' })).toThrow('no policy is named')
    expect(() => limiter.policies.keysOf('x', { limit: '1/s' } as never)).toThrow('unknown field "limit"')
  })

  it('knows of a source what was loaded last, and loads nothing', async () => {
    const clock = manualClock()
    let loads = 0
    const source = policySource({
      key: ({ tenant }) => tenant as string,
      load: () => {
        loads++
        return [{ name: 'plan', key: 'user', rules: ['5/s'] }]
      },
      ttl: '1s',
    })
    const limiter = createLimiter({ policies: source, deny: { tenant: ['evil'] }, clock })
    const who = { tenant: 'acme', user: 'alice' }
    expect(limiter.policies.keysOf(who)).toEqual([])
    expect(loads).toBe(0)
    const { receipt } = await limiter.consume(who)
    clock.advance('1h')
    expect(limiter.policies.keysOf(who, { policy: 'plan' })).toEqual([{ policy: 'plan', key: receipt?.key }])
    expect(limiter.policies.keysOf({ ...who, tenant: 'evil' })).toEqual([])
    expect(loads).toBe(1)
  })
})

describe('determinedKeysOf', () => {
  it('names the budgets that a reset reaches, whatever matches and lists say', async () => {
    const limiter = createLimiter({ policies, deny: { user: ['mallory'] } })
    const who = { user: 'mallory', ip: '192.0.2.1', path: '/other' }
    const keys = limiter.policies.determinedKeysOf(who)
    expect(keys.map(({ policy }) => policy)).toEqual(await limiter.reset(who))
    expect(keys).toContainEqual({ policy: 'bytes', key: 'mallory' })
    expect(limiter.policies.determinedKeysOf(who, { policy: 'all' })).toEqual([{ policy: 'all', key: '~g' }])
  })
})
