import { describe, expect, it } from 'vitest'
import { listPolicies } from './policy-listing.ts'

describe('listPolicies', () => {
  const configuration = {
    hash: 'abc',
    policies: [
      {
        name: 'api',
        match: { path: '/v2/**', method: ['POST', 'PUT'], apiKey: ['s3cret-1', 's3cret-2'], tenant: 7007 },
        key: 'apiKey',
        rules: ['2/min'],
        overrides: [{ match: { apiKey: 's3cret-3', method: 'PUT' }, rules: { '1m': { limit: '9/min' } } }],
      },
      { name: 'all', key: 'global', rules: ['9/s'] },
    ],
    allow: { apiKey: ['s3cret-4', 's3cret-5'] },
    deny: { ip: ['192.0.2.7'] },
    notInForce: [],
  }
  const listing = listPolicies(configuration, null)

  it('counts values that may be secrets, and shows paths and methods', () => {
    expect(listing).toEqual({
      hash: 'abc',
      policies: [
        {
          name: 'api',
          match: {
            path: '/v2/**',
            method: ['POST', 'PUT'],
            apiKey: { values: 2 },
            tenant: { values: 1 },
          },
          key: 'apiKey',
          rules: ['2/min'],
          overrides: [
            { match: { apiKey: { values: 1 }, method: 'PUT' }, rules: { '1m': { limit: '9/min' } } },
          ],
        },
        { name: 'all', key: 'global', rules: ['9/s'] },
      ],
      allow: { apiKey: 2 },
      deny: { ip: 1 },
      notInForce: [],
      rejected: null,
    })
    expect(JSON.stringify(listing)).not.toMatch(/s3cret|7007|192\.0/)
  })

  it('shows the keys of a descriptor, and counts its values', () => {
    const match = { descriptor: [{ tenant: ['s3cret-8', 's3cret-9'] }, 'route'] }
    const policies = [{ name: 'rls', match, rules: ['9/s'] }]
    expect(listPolicies({ ...configuration, policies }, null).policies).toEqual([
      { name: 'rls', match: { descriptor: [{ tenant: { values: 2 } }, 'route'] }, rules: ['9/s'] },
    ])
  })

  it('shows matches of access lists as it shows those of policies', () => {
    const deny = [{ method: 'POST', path: '/admin/**' }, { apiKey: ['s3cret-6', 's3cret-7'] }]
    expect(listPolicies({ ...configuration, allow: { user: 'root' }, deny }, null)).toMatchObject({
      allow: { user: 1 },
      deny: [{ method: 'POST', path: '/admin/**' }, { apiKey: { values: 2 } }],
    })
  })
})
