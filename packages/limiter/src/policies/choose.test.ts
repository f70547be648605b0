import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Attributes } from '../core/key.ts'
import type { PolicyOptions } from '../core/policy-options.ts'
import { specificity } from './path-pattern.ts'
import { PathTable } from './path-table.ts'
import { PolicySet } from './policy-set.ts'
import { RequestAttributes } from './request-attributes.ts'

const setOf = (...policies: PolicyOptions[]): PolicySet => new PolicySet({ policies }, { custom: new Map() })
const byPath = (
  name: string,
  path?: string | string[],
  more: Partial<PolicyOptions> = {},
): PolicyOptions => ({
  name,
  key: 'user',
  rules: ['9/s'],
  choose: { group: 'g', by: 'path' },
  ...(path === undefined ? {} : { match: { path } }),
  ...more,
})
const chosen = (set: PolicySet, who: Attributes): string[] =>
  set.match({ user: 'a', ...who }, {}).keys.map(({ budget }) => budget.policy)

describe('choosing by path', () => {
  const set = setOf(
    byPath('none'),
    byPath('all', '/**'),
    byPath('api', '/api/**'),
    byPath('root', '/api'),
    byPath('any', '/api/*'),
    byPath('users', ['/login', '/api/users/**']),
    byPath('user', '/api/users/*'),
    byPath('me', '/api/users/me'),
    byPath('posts', '/**/posts'),
    { name: 'beside', key: 'user', rules: ['9/s'] },
  )

  it.each([
    ['/x', 'all'],
    ['/login', 'users'],
    ['/api', 'root'],
    ['/api/', 'root'],
    ['/api/x', 'any'],
    ['/api/x/y', 'api'],
    ['/api/users', 'users'],
    ['/api/users/7', 'user'],
    ['/api/users/7/x', 'users'],
    ['/api/users/me', 'me'],
    ['/api/users/7/posts', 'users'],
    ['/x/posts', 'posts'],
  ])('leaves to %s the policy of the most specific pattern: %s', (path, expected) => {
    expect(chosen(set, { path })).toEqual([expected, 'beside'].sort((a, b) => indexOf(a) - indexOf(b)))
  })

  it('leaves to a request without a path the policy without one', () => {
    expect(chosen(set, {})).toEqual(['none', 'beside'])
  })

  it('takes the first of equals, in the order of the configuration', () => {
    expect(chosen(setOf(byPath('left', '/a/*'), byPath('right', '/*/b')), { path: '/a/b' })).toEqual(['left'])
    expect(chosen(setOf(byPath('right', '/*/b'), byPath('left', '/a/*')), { path: '/a/b' })).toEqual([
      'right',
    ])
  })

  it('leaves it to the next one where the most specific is off, or lacks its identity', () => {
    const next = byPath('next', '/api/**')
    const off = byPath('first', '/api/x', { mode: 'off' })
    expect(chosen(setOf(off, next), { path: '/api/x' })).toEqual(['next'])
    const anonymous = byPath('first', '/api/x', { key: 'apiKey', missing: 'skip' })
    expect(chosen(setOf(anonymous, next), { path: '/api/x' })).toEqual(['next'])
    expect(chosen(setOf(anonymous, next), { path: '/api/x', apiKey: 'k' })).toEqual(['first'])
  })

  const indexOf = (name: string): number => set.policies.findIndex((policy) => policy.name === name)
})

describe('choosing by priority', () => {
  it('leaves it to the next one where the highest is off', () => {
    const policy = (name: string, priority: number, mode: 'enforce' | 'off'): PolicyOptions => ({
      ...byPath(name),
      mode,
      choose: { group: 'g', priority },
    })
    expect(chosen(setOf(policy('high', 2, 'off'), policy('low', 1, 'enforce')), {})).toEqual(['low'])
    expect(chosen(setOf(policy('high', 2, 'enforce'), policy('low', 1, 'enforce')), {})).toEqual(['high'])
  })
})

describe('choose', () => {
  it('refuses a group that is chosen by both', () => {
    const mixed = byPath('b', '/b', { choose: { group: 'g', priority: 1 } })
    expect(() =>
      setOf(byPath('a', '/a'), { ...mixed, name: 'c', choose: { group: 'h', priority: 1 } }, mixed),
    ).toThrow(
      'policies[2].choose: group "g" chooses by path in policy a, and by priority here; use one of the two',
    )
  })

  it.each<[unknown, string]>([
    [{ group: 'g' }, ': needs a priority, a whole number, or by: path'],
    [{ group: 'g', priority: 1.5 }, '.priority: 1.5 is not a whole number; give one, or by: path'],
    [{ group: 'g', by: 'length' }, '.by: "length" is nothing to choose by; use path, or a priority'],
    [{ group: 'g', by: 'path', priority: 1 }, ': by and priority are both there; give one of them'],
  ])('refuses %j', (choose, message) => {
    expect(() => setOf({ ...byPath('a'), choose: choose as never })).toThrow(`policies[0].choose${message}`)
  })
})

describe('specificity', () => {
  it.each([
    ['/a/b', '/a/*'],
    ['/a/*', '/a'],
    ['/a', '/a/**'],
    ['/a/**', '/*'],
    ['/*', '/**'],
    ['/', '/**'],
  ])('puts %s before %s', (one, other) => {
    expect(specificity(one)).toBeGreaterThan(specificity(other))
  })

  it('is higher for a pattern that takes a part of the paths of another', () => {
    const words = ['a', 'b', 'z']
    // All paths of up to 5 segments: enough to tell patterns of up to 3 apart.
    const paths = [['']]
    for (let length = 1; length <= 5; length++) {
      paths.push(
        ...paths
          .filter((path) => path.length === length)
          .flatMap((path) => words.map((word) => [...path, word])),
      )
    }
    const segment = fc.constantFrom('a', 'b', '*', '**')
    const pattern = fc.array(segment, { maxLength: 3 }).map((segments) => `/${segments.join('/')}`)
    const seen = { part: 0 }
    fc.assert(
      fc.property(pattern, pattern, (one, other) => {
        const [ofOne, ofOther] = [one, other].map((text) => pathsOf(text, paths)) as [
          Set<string>,
          Set<string>,
        ]
        const isPart = ofOne.size < ofOther.size && [...ofOne].every((path) => ofOther.has(path))
        if (!isPart) return
        seen.part++
        expect(specificity(one)).toBeGreaterThan(specificity(other))
      }),
      { numRuns: 2000 },
    )
    expect(seen.part).toBeGreaterThan(100)
  })
})

function pathsOf(pattern: string, paths: readonly string[][]): Set<string> {
  const table = new PathTable<true>()
  table.add(pattern, true)
  const texts = paths.map((path) => `/${path.slice(1).join('/')}`)
  return new Set(texts.filter((path) => table.find(new RequestAttributes({ path })).length > 0))
}
