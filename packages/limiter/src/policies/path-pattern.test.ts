import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { normalizePath, pathMatches, segmentsOf } from './path-pattern.ts'

describe('normalizePath', () => {
  it.each([
    ['', '/'],
    ['/', '/'],
    ['/api', '/api'],
    ['/api/', '/api'],
    ['//a', '/a'],
    ['/a//b///c', '/a/b/c'],
    ['/./a/./b/.', '/a/b'],
    ['/a/../b', '/b'],
    ['/a/b/..', '/a'],
    ['/../../a', '/a'],
    ['/a/.../b', '/a/.../b'],
    ['/a/..b/.c', '/a/..b/.c'],
    ['a/b', '/a/b'],
    ['/a?b=/../c', '/a'],
    ['/a#b', '/a'],
    ['/a?b#c', '/a'],
    ['/%61pi', '/api'],
    ['/%41', '/A'],
    ['/%7euser', '/~user'],
    ['/a%2Db%5fc', '/a-b_c'],
    ['/%2e%2e/a', '/a'],
    ['/x/%2E%2e/a', '/a'],
    ['/x/.%2e/a', '/a'],
    ['/a%2fb', '/a%2Fb'],
    ['/a%5cb', '/a%5Cb'],
    ['/a%3fb', '/a%3Fb'],
    ['/a%00', '/a%00'],
    ['/%252e%252e/a', '/%252e%252e/a'],
    ['/%c3%a9', '/%C3%A9'],
    ['/%', '/%25'],
    ['/%4', '/%254'],
    ['/%zz', '/%25zz'],
    ['/%u002e', '/%25u002e'],
    ['/%%32%65', '/%252e'],
    ['/%%2e', '/%25.'],
    ['/é', '/é'],
    ['/API', '/API'],
    ['/a;v=1', '/a;v=1'],
    ['/a b', '/a b'],
  ])('makes %j %j', (path, normal) => {
    expect(normalizePath(path)).toBe(normal)
  })

  it('leaves no empty and no dot segment, and changes nothing twice', () => {
    const part = fc.constantFrom(
      '/',
      '.',
      '..',
      'a',
      '%2e',
      '%2F',
      '%41',
      '?',
      'é',
      '%',
      '%3',
      '2',
      '%32',
      '%65',
    )
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const normal = normalizePath(parts.join(''))
        expect(normal.startsWith('/')).toBe(true)
        for (const segment of segmentsOf(normal)) expect(['', '.', '..']).not.toContain(segment)
        expect(normalizePath(normal)).toBe(normal)
      }),
      { numRuns: 1000 },
    )
  })

  it.each([
    '/'.repeat(100_000),
    '/..'.repeat(33_000),
    '%2e'.repeat(33_000),
    '/a'.repeat(50_000),
    '%'.repeat(100_000),
  ])('takes a path of 100 KB in one go', (path) => {
    const before = performance.now()
    normalizePath(path)
    expect(performance.now() - before).toBeLessThan(250)
  })
})

describe('pathMatches', () => {
  it.each<[string, string, boolean]>([
    ['/api', '/api', true],
    ['/api', '/apix', false],
    ['/api', '/api/x', false],
    ['/api', '/', false],
    ['/api', '/API', false],
    ['/', '/', true],
    ['/', '/a', false],
    ['/*', '/', false],
    ['/*', '/a', true],
    ['/*', '/a/b', false],
    ['/**', '/', true],
    ['/**', '/a/b/c', true],
    ['/api/**', '/api', true],
    ['/api/**', '/api/a/b', true],
    ['/api/**', '/apix/a', false],
    ['/api/*/c', '/api/b/c', true],
    ['/api/*/c', '/api/c', false],
    ['/**/c', '/c', true],
    ['/**/c', '/a/b/c', true],
    ['/**/c', '/a/b/cd', false],
    ['/**/a/**/b', '/x/a/y/a/z/b', true],
    ['/**/a/*/b', '/a/b', false],
    ['/**/a/*/b', '/a/x/a/y/b', true],
    ['/**/**', '/', true],
    ['/**/*', '/', false],
    ['/**/*', '/a', true],
  ])('%s meets %s: %s', (pattern, path, expected) => {
    expect(pathMatches(segmentsOf(pattern), segmentsOf(path))).toBe(expected)
  })

  it('agrees with a regular expression', () => {
    const segment = fc.constantFrom('a', 'b', 'ab')
    const pattern = fc.array(fc.oneof(segment, fc.constantFrom('*', '**')), { maxLength: 6 })
    fc.assert(
      fc.property(pattern, fc.array(segment, { maxLength: 7 }), (parts, path) => {
        const expected = naive(parts).test(path.map((one) => `/${one}`).join(''))
        expect(pathMatches(parts, path)).toBe(expected)
      }),
      { numRuns: 5000 },
    )
  })

  it('takes no exponential time', () => {
    const pattern = Array.from({ length: 60 }, (_, i) => (i % 2 === 0 ? '**' : 'a'))
    const path = [...Array.from({ length: 5000 }, () => 'a'), 'b']
    const before = performance.now()
    expect(pathMatches(pattern, path)).toBe(false)
    expect(performance.now() - before).toBeLessThan(250)
  })
})

function naive(pattern: readonly string[]): RegExp {
  const part = (segment: string): string =>
    segment === '**' ? '(?:/[^/]+)*' : segment === '*' ? '/[^/]+' : `/${segment}`
  return new RegExp(`^${pattern.map(part).join('')}$`)
}
