import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Attributes } from '../core/key.ts'
import type { Match, PolicyOptions } from '../core/policy-options.ts'
import { compilePolicy, type Policy } from './compile-policy.ts'
import { RequestAttributes } from './matcher.ts'
import { PolicyIndex } from './policy-index.ts'

const compile = (match: Match | undefined, i: number): Policy => {
  const options: PolicyOptions = { name: `p${i}`, rules: ['1/s'], ...(match === undefined ? {} : { match }) }
  return compilePolicy(options, `policies[${i}]`, { custom: new Map() })
}
const names = (policies: readonly Policy[]): string[] => policies.map(({ name }) => name)

describe('PolicyIndex', () => {
  // Fails until matching() looks at no policy twice: its paths may begin with different numbers of segments.
  it('finds what testing every policy finds, in the order of the configuration', () => {
    const value = fc.constantFrom('a', 'b', 'c')
    const segments = fc.array(fc.oneof(value, fc.constantFrom('*', '**')), { maxLength: 3 })
    const path = segments.map((parts) => `/${parts.join('/')}`)
    const one = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | T[]> =>
      fc.oneof(arbitrary, fc.array(arbitrary, { minLength: 1, maxLength: 3 }))
    const match = fc.option(
      fc.record({ user: one(value), role: one(value), path: one(path) }, { requiredKeys: [] }),
      { nil: undefined },
    )
    const attributes = fc.record(
      {
        user: value,
        role: value,
        path: fc.array(value, { maxLength: 4 }).map((parts) => `/${parts.join('/')}`),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(fc.array(match, { maxLength: 12 }), attributes, (matches, given) => {
        const policies = matches.map((some, i) => compile(some as Match | undefined, i))
        const request = new RequestAttributes(given as Attributes)
        const expected = policies.filter(({ matcher }) => matcher.test(request))
        expect(names(new PolicyIndex(policies).matching(request))).toEqual(names(expected))
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
    ['a list of values', (i) => ({ user: [`u${i}`, `v${i}`] }), { user: 'v777' }],
  ])('looks at few of 10,000 policies that differ in %s', (_, matchOf, attributes) => {
    let looked = 0
    const policies = Array.from({ length: 10_000 }, (_, i) => {
      const policy = compile(matchOf(i), i)
      const test = (request: RequestAttributes): boolean => {
        looked++
        return policy.matcher.test(request)
      }
      return { ...policy, matcher: { ...policy.matcher, test } }
    })
    const index = new PolicyIndex(policies)
    expect(names(index.matching(new RequestAttributes(attributes)))).toEqual(['p777'])
    expect(looked).toBeLessThanOrEqual(3)
    expect(index.matching(new RequestAttributes({ user: 'stranger', path: '/else' }))).toEqual([])
    expect(looked).toBeLessThanOrEqual(3)
  })

  it('finds a policy once, however many of its values would lead to it', () => {
    const index = new PolicyIndex([compile({ path: ['/a', '/a/**', '/a/*'] }, 0)])
    expect(names(index.matching(new RequestAttributes({ path: '/a' })))).toEqual(['p0'])
  })
})
