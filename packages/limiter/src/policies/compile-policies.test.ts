import { describe, expect, it } from 'vitest'
import type { PolicyOptions } from '../core/policy-options.ts'
import { compilePolicies } from './compile-policies.ts'

const policy: PolicyOptions = {
  name: 'api',
  key: 'user',
  rules: [{ name: 'r', limit: '5/15m' }, '0/s'],
  overrides: [{ match: { user: 'vip' }, rules: { r: { limit: '9/15m' } } }],
}

describe('compilePolicies', () => {
  it('describes rules and what overrides make of them', () => {
    const [view] = compilePolicies([policy])
    expect(view).toMatchObject({
      name: 'api',
      rules: [
        {
          name: 'r',
          kind: 'sliding-window',
          limit: 5,
          windowMs: 900_000,
          worstCase: 'at most 5 in any 900 s',
        },
        { name: '1s', denies: true, worstCase: 'denies everything' },
      ],
      overrides: [{ rules: [{ name: 'r', limit: 9 }, { name: '1s' }] }],
      crowded: null,
    })
    expect(view?.overrides[0]?.rules[0]?.identity).toBe(view?.rules[0]?.identity)
  })

  it('says what leases add', () => {
    const [view] = compilePolicies([{ name: 'a', rules: ['5/s'], lease: { max: 2 } }])
    expect(view?.rules[0]?.worstCase).toBe('at most 5 in any 0.8 s, with leases of 0.2 s')
  })

  it('names a rule of which a key may hold too many windows', () => {
    const windows = Array.from({ length: 5 }, (_, i) => ({
      match: { role: `${i}` },
      rules: { r: { limit: `5/${i + 2}s` } },
    }))
    const crowd: PolicyOptions = { ...policy, name: 'crowd', overrides: windows }
    expect(compilePolicies([crowd])[0]?.crowded).toEqual({ name: 'r', windows: 6 })
    const alone = windows.map((one, i) => ({ ...one, match: { user: `${i}` } }))
    expect(compilePolicies([{ ...crowd, overrides: alone }])[0]?.crowded).toBeNull()
  })

  it('refuses what a limiter would refuse', () => {
    expect(() => compilePolicies([policy, policy])).toThrow('two policies are named "api"')
    expect(() => compilePolicies([{ ...policy, store: 'audit' }], { stores: ['main'] })).toThrow(
      'policies[0].store',
    )
    expect(() => compilePolicies([{ name: 'x', rules: ['5/xs'] }])).toThrow('policies[0].rules[0].limit')
  })
})
