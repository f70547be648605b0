import { expect, it } from 'vitest'
import { listAttributes, policyAttributes } from './policy-attributes.ts'

const rules = ['9/s']

it.each([
  ['the plain key', { name: 'p', rules }, ['key', 'ip']],
  ['global', { name: 'p', key: 'global', rules }, []],
  ['no address in place of a key', { name: 'p', key: 'user', missing: 'skip', rules }, ['user']],
  [
    'match, overrides, key and cost',
    {
      name: 'p',
      match: { path: '/v2/**' },
      overrides: [{ match: { role: 'vip' }, rules: {} }],
      key: ['tenant', 'user'],
      cost: 'tokens',
      missing: 'refuse',
      rules,
    },
    ['path', 'role', 'tokens', 'tenant', 'user'],
  ],
] as const)('policyAttributes: %s', (_, policy, expected) => {
  expect([...policyAttributes(policy)].sort()).toEqual([...expected].sort())
})

it.each([
  [{ ip: '10.0.0.0/8', user: 'root' }, ['ip', 'user']],
  [
    [{ method: 'POST', path: '/admin/**' }, { apiKey: 'x' }],
    ['method', 'path', 'apiKey'],
  ],
  [{}, []],
])('listAttributes of %j', (list, expected) => {
  expect([...listAttributes(list)]).toEqual(expected)
})
