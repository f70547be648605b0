import { describe, expect, it } from 'vitest'
import type { Who } from '../core/key.ts'
import type { Limiter } from '../core/limiter.ts'
import type { PolicyOptions } from '../core/policy-options.ts'
import { createLimiter } from '../create-limiter.ts'
import { isInShare, parseShare } from '../policies/rollout.ts'
import { memoryStore } from '../stores/memory/index.ts'
import { manualClock } from '../testing/manual-clock.ts'

const rules = ['5/min']

function limiterOf(...policies: readonly PolicyOptions[]): Limiter {
  return createLimiter({ policies, store: memoryStore({ clock: manualClock() }) })
}

describe('a policy that is in force for nobody', () => {
  const live: PolicyOptions = { name: 'live', key: 'user', rules }
  const long = 'x'.repeat(1_000_001)
  const inert: [string, Partial<PolicyOptions>][] = [
    ['in shadow', { mode: 'shadow' }],
    ['of a rollout of 0 %', { rollout: '0%' }],
  ]
  const unreadable: [string, Partial<PolicyOptions>, Record<string, unknown>][] = [
    ['a cost that is a fraction', { key: 'user', cost: 'n' }, { n: '1.5' }],
    ['a cost that is an object', { key: 'user', cost: 'n' }, { n: {} }],
    ['an ip that is no address', { key: 'ip' }, { ip: 'bogus' }],
    ['an ip in place of the key that is no address', { key: 'tenant' }, { ip: 'bogus' }],
    ['a key that is an object', { key: 'tenant' }, { tenant: {} }],
    ['a key that is a fraction', { key: 'tenant' }, { tenant: 1.5 }],
    ['a key that is too long', { key: ['user', 'tenant'] }, { tenant: long }],
    ['a descriptor that is none', { key: 'descriptor' }, { descriptor: [{ key: '' }] }],
    ['a match on an object', { key: 'user', match: { tenant: 'a' } }, { tenant: {} }],
    ['a match on an ip that is no address', { key: 'user', match: { ip: '10.0.0.0/8' } }, { ip: 'bogus' }],
    ['a match on a path that is too long', { key: 'user', match: { path: '/**' } }, { path: long }],
    [
      'an override for a descriptor that is none',
      { key: 'user', overrides: [{ match: { descriptor: ['a'] }, rules: { '1m': { limit: '1/min' } } }] },
      { descriptor: 'none' },
    ],
  ]

  describe.each(inert)('%s', (_, standing) => {
    it.each(unreadable)('refuses no request for %s', async (_reason, more, attributes) => {
      const policy: PolicyOptions = { name: 's', rules, ...more, ...standing }
      const group = (priority: number): Pick<PolicyOptions, 'choose'> => ({
        choose: { group: 'g', priority },
      })
      const who = { user: 'a', ...attributes } as Who
      for (const policies of [
        [policy, live],
        [live, policy],
        [
          { ...policy, ...group(2) },
          { ...live, ...group(1) },
        ],
      ]) {
        const limiter = limiterOf(...policies)
        expect(await limiter.consume(who)).toMatchObject({ policy: 'live', remaining: 4, shadow: [] })
        expect(await limiter.charge(who, 1)).toMatchObject({ policy: 'live', remaining: 3 })
        const { policies: explained } = await limiter.explain(who)
        const outcomes = Object.fromEntries(explained.map(({ policy: name, outcome }) => [name, outcome]))
        expect(outcomes).toEqual({ s: 'unreadable', live: 'applies' })
        expect(await limiter.reset(who)).toContain('live')
        expect(await limiter.consume({ user: 'b' }, { policy: 's' })).toMatchObject({ allowed: true })
        expect(await limiter.consume(who, { policy: 's' })).toMatchObject({ reason: 'unmatched' })
      }
    })

    it('counts beside the live ones in the order of the policies', async () => {
      const policy: PolicyOptions = { ...live, ...standing }
      const limiter = limiterOf({ ...policy, name: 's' }, live, { ...policy, name: 't' })
      expect((await limiter.consume({ user: 'a' })).shadow.map(({ policy: name }) => name)).toEqual([
        's',
        't',
      ])
      const { policies } = await limiter.explain({ user: 'a' })
      expect(policies.map(({ outcome }) => outcome)).toEqual(['in-shadow', 'applies', 'in-shadow'])
    })
  })

  it('leaves others in shadow counted, where it cannot be read itself', async () => {
    const others = { ...live, name: 'other', mode: 'shadow' } as const
    const limiter = limiterOf({ name: 's', key: 'ip', match: { ip: '*' }, rules, mode: 'shadow' }, others)
    const { shadow } = await limiter.consume({ user: 'a', ip: 'bogus' })
    expect(shadow).toMatchObject([{ policy: 'other', remaining: 4 }])
  })

  it('is told from one in force for some, which refuses as at 100 %, but for keys outside its rollout', async () => {
    const limiter = limiterOf({ ...live, cost: 'n', rollout: '50%' })
    for (let i = 0; i < 20; i++) {
      const user = `u${i}`
      const call = limiter.consume({ user, n: 1.5 })
      if (isInShare(parseShare('50%', ''), 'live', user))
        await expect(call).rejects.toMatchObject({ code: 'invalid-key' })
      else expect(await call).toMatchObject({ reason: 'unmatched', shadow: [] })
    }
  })
})
