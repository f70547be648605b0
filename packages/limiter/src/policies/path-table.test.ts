import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PathTable } from './path-table.ts'
import { RequestAttributes } from './request-attributes.ts'

const fits = (pattern: string, path: string): boolean => {
  const table = new PathTable<true>()
  table.add(pattern, true)
  return table.find(new RequestAttributes({ path })).length > 0
}

describe('PathTable', () => {
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
    expect(fits(pattern, path)).toBe(expected)
  })

  it('agrees with a regular expression', () => {
    const segment = fc.constantFrom('a', 'b', 'ab')
    const pattern = fc.array(fc.oneof(segment, fc.constantFrom('*', '**')), { maxLength: 6 })
    fc.assert(
      fc.property(pattern, fc.array(segment, { maxLength: 7 }), (parts, path) => {
        const expected = naive(parts).test(path.map((one) => `/${one}`).join(''))
        expect(fits(`/${parts.join('/')}`, `/${path.join('/')}`)).toBe(expected)
      }),
      { numRuns: 5000 },
    )
  })

  it('takes no exponential time', () => {
    // It would never end.
    const pattern = Array.from({ length: 60 }, (_, i) => (i % 2 === 0 ? '**' : 'a'))
    const path = [...Array.from({ length: 5000 }, () => 'a'), 'b']
    expect(fits(`/${pattern.join('/')}`, `/${path.join('/')}`)).toBe(false)
  })
})

function naive(pattern: readonly string[]): RegExp {
  const part = (segment: string): string =>
    segment === '**' ? '(?:/[^/]+)*' : segment === '*' ? '/[^/]+' : `/${segment}`
  return new RegExp(`^${pattern.map(part).join('')}$`)
}
