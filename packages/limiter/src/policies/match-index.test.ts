import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Attributes } from '../core/key.ts'
import type { Match, PolicyOptions } from '../core/policy-options.ts'
import { compilePolicy, type Policy } from './compile-policy.ts'
import { MatchIndex } from './match-index.ts'
import { RequestAttributes } from './request-attributes.ts'

const compile = (match: Match | undefined, i: number): Policy => {
  const options: PolicyOptions = { name: `p${i}`, rules: ['1/s'], ...(match === undefined ? {} : { match }) }
  return compilePolicy(options, `policies[${i}]`, { custom: new Map() })
}
const names = (policies: readonly Policy[]): string[] => policies.map(({ name }) => name)

describe('MatchIndex', () => {
  // Fails until matching() looks at no policy twice: its paths may begin with different numbers of segments.
  it('finds what testing every policy finds, in the order of the configuration', () => {
    const value = fc.constantFrom('a', 'b', 'c')
    const text = fc.oneof(value, fc.constantFrom('*', 'a*', '*b', 'a*b', '*a*'))
    const network = fc.constantFrom('10.0.0.0/8', '10.1.0.0/16', '10.1.2.3', '0.0.0.0/0', '::/0', 'fe80::/10')
    const segments = fc.array(fc.oneof(value, fc.constantFrom('*', '**')), { maxLength: 3 })
    const path = segments.map((parts) => `/${parts.join('/')}`)
    const one = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | T[]> =>
      fc.oneof(arbitrary, fc.array(arbitrary, { minLength: 1, maxLength: 3 }))
    const match = fc.option(
      fc.record(
        { user: one(text), role: one(text), path: one(path), ip: one(network) },
        { requiredKeys: [] },
      ),
      { nil: undefined },
    )
    const attributes = fc.record(
      {
        user: fc.oneof(value, fc.constantFrom('ab', 'bab')),
        role: value,
        ip: fc.constantFrom('10.1.2.3', '10.1.9.9', '192.0.2.1', 'fe80::1', '::ffff:10.1.2.3'),
        path: fc.array(value, { maxLength: 4 }).map((parts) => `/${parts.join('/')}`),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(fc.array(match, { maxLength: 40 }), attributes, (matches, given) => {
        const policies = matches.map((some, i) => compile(some as Match | undefined, i))
        const request = new RequestAttributes(given as Attributes)
        const expected = policies.filter(({ matcher }) => matcher.test(request))
        expect(names(new MatchIndex(policies).matching(request))).toEqual(names(expected))
      }),
      { numRuns: 3000, examples: [[[{ path: ['/a', '/a/a'] }], { path: '/a/a' }]] },
    )
  })

  it.each<[string, (i: number) => Match, Attributes]>([
    ['one attribute', (i) => ({ user: `u${i}` }), { user: 'u777' }],
    [
      'a shared attribute and one of its own',
      (i) => ({ domain: 'api', user: `u${i}` }),
      { domain: 'api', user: 'u777' },
    ],
    [
      'a shared method and a path',
      (i) => ({ method: 'GET', path: `/v1/t${i}/**` }),
      { method: 'GET', path: '/v1/t777/x' },
    ],
    ['a path that begins with any', (i) => ({ path: `/**/t${i}` }), { path: '/v1/t777' }],
    ['a segment behind one of any', (i) => ({ path: `/*/t${i}/**` }), { path: '/v1/t777/x' }],
    ['the start of a value', (i) => ({ region: `r${i}-*` }), { region: 'r777-x' }],
    ['the end of a value', (i) => ({ host: `*.h${i}.example` }), { host: 'a.h777.example' }],
    ['a network', (i) => ({ ip: `10.${i >> 8}.${i & 255}.0/24` }), { ip: '10.3.9.1' }],
    [
      'two attributes together',
      (i) => ({ tenant: `t${Math.floor(i / 100)}`, path: `/p${i % 100}/**` }),
      { tenant: 't7', path: '/p77/x' },
    ],
    [
      'three attributes together',
      (i) => ({
        method: i % 2 === 0 ? 'PUT' : 'GET',
        tenant: `t${Math.floor(i / 100)}`,
        path: `/p${(i % 100) >> 1}`,
      }),
      { method: 'GET', tenant: 't7', path: '/p38' },
    ],
    ['a list of values', (i) => ({ user: [`u${i}`, `v${i}`] }), { user: 'v777' }],
  ])('looks at few of 10,000 policies that differ in %s', (_, matchOf, attributes) => {
    let looked = 0
    const policies = Array.from({ length: 10_000 }, (_, i) => {
      const policy = compile(matchOf(i), i)
      const conditions = policy.matcher.conditions.map((condition) => ({
        ...condition,
        fitting: (request: RequestAttributes) => {
          looked++
          return condition.fitting(request)
        },
      }))
      return { ...policy, matcher: { ...policy.matcher, conditions } }
    })
    const index = new MatchIndex(policies)
    expect(names(index.matching(new RequestAttributes(attributes)))).toEqual(['p777'])
    expect(looked).toBeLessThanOrEqual(4)
    expect(index.matching(new RequestAttributes({ user: 'stranger', path: '/else' }))).toEqual([])
    expect(looked).toBeLessThanOrEqual(4)
  })

  it('finds a policy once, however many of its values would lead to it', () => {
    const index = new MatchIndex([compile({ path: ['/a', '/a/**', '/a/*'] }, 0)])
    expect(names(index.matching(new RequestAttributes({ path: '/a' })))).toEqual(['p0'])
  })
})
