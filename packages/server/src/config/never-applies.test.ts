import fc from 'fast-check'
import { createLimiter, type Match, memoryStore, type PolicyOptions } from 'headgate'
import { describe, expect, it } from 'vitest'
import { neverApplies } from './never-applies.ts'

const of = (match: Match, priority: number, rest: Partial<PolicyOptions> = {}): PolicyOptions => {
  return {
    name: `p${priority}`,
    match,
    rules: ['1/s'],
    key: 'global',
    choose: { group: 'g', priority },
    ...rest,
  }
}
const paths = (policies: readonly PolicyOptions[]) => neverApplies(policies).map(({ path }) => path)

describe('a policy', () => {
  it.each<[Match, Match]>([
    [{}, { user: 'a' }],
    [{ user: '*' }, { user: ['a', 'b'], role: 'c' }],
    [{ path: '/api/**' }, { path: ['/api/a', '/api/*/b'] }],
    [{ method: ['GET', 'PUT'] }, { method: 'PUT' }],
  ])('never applies where a better one of its group matches %j, and it %j', (better, worse) => {
    expect(neverApplies([of(worse, 1), of(better, 2)])).toEqual([
      {
        path: 'policies[0]',
        message: 'policy p1 never applies: p2 of the group "g" matches whenever it does, and comes first',
      },
    ])
  })

  it.each<[string, PolicyOptions[]]>([
    ['is better itself', [of({}, 2), of({}, 1, { match: { user: 'a' }, mode: 'off' })]],
    ['is of another group', [of({}, 1), of({}, 2, { choose: { group: 'h', priority: 2 } })]],
    ['matches more', [of({ path: '/a/**' }, 1), of({ path: '/a/b' }, 2)]],
    ['matches elsewhere', [of({ path: '/ab/c' }, 1), of({ path: '/a/**' }, 2)]],
    ['stands behind one that is off', [of({}, 1), of({}, 2, { mode: 'off' })]],
    ['stands behind one that may be skipped', [of({}, 1), of({}, 2, { key: 'user', missing: 'skip' })]],
    [
      'has a key where a better one may have none',
      [of({}, 1, { key: 'tenant' }), of({}, 2, { key: 'user' })],
    ],
  ])('may apply where it %s', (_, policies) => {
    expect(paths(policies)).toEqual([])
  })

  it('that is said never to apply never does', async () => {
    const values = fc.constantFrom('a', 'b', '*', 'a*')
    const pattern = fc.constantFrom('/a', '/a/b', '/a/**', '/a/*', '/**', '/b')
    const match = fc.record(
      { user: fc.oneof(values, fc.array(values, { minLength: 1, maxLength: 2 })), path: pattern },
      { requiredKeys: [] },
    )
    const who = fc.record(
      {
        user: fc.constantFrom('a', 'b', 'ab'),
        path: fc.constantFrom('/a', '/a/b', '/b', '/a/b/c'),
        ip: fc.constant('192.0.2.1'),
      },
      { requiredKeys: [] },
    )
    const key = fc.constantFrom('global', 'user', 'path', ['user', 'path'])
    const missing = fc.constantFrom('ip' as const, 'skip' as const, 'refuse' as const)
    const keyed = fc.tuple(match, fc.record({ key, missing }))
    await fc.assert(
      fc.asyncProperty(fc.array(keyed, { maxLength: 4 }), fc.array(who), async (matches, asked) => {
        const policies = matches.map(([one, rest], i) => ({ ...of(one, i % 2, rest), name: `p${i}` }))
        const idle = new Set(paths(policies).map((path) => `p${/\d+/.exec(path)?.[0]}`))
        const limiter = createLimiter({ policies, store: memoryStore() })
        for (const request of asked) {
          // A request without any key is refused.
          const decision = await limiter.peek(request).catch(() => null)
          expect(idle).not.toContain(decision?.policy)
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('an override', () => {
  const overrides = (...matches: Match[]): PolicyOptions => ({
    name: 'a',
    match: { method: ['GET', 'PUT'], path: '/v1/**' },
    rules: ['1/s'],
    overrides: matches.map((match) => ({ match, rules: { '1s': { limit: '2/s' } } })),
  })

  it('never applies where the policy asks for something else, or an earlier one covers it', () => {
    const found = neverApplies([overrides({ method: 'POST' }, { user: '*' }, { user: 'a' }, { path: '/v2' })])
    expect(found).toEqual([
      {
        path: 'policies[0].overrides[0]',
        message: 'overrides[0] of policy a never applies: the policy itself asks for another "method"',
      },
      {
        path: 'policies[0].overrides[2]',
        message:
          'overrides[2] of policy a never applies: overrides[1] matches whenever it does, and comes first',
      },
    ])
  })

  it('may apply otherwise', () => {
    expect(paths([overrides({ method: 'GET', user: 'a' }, { user: '*' }, { method: 'G*' })])).toEqual([])
  })
})
