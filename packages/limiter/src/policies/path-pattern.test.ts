import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { normalizePath, segmentsOf } from './path-pattern.ts'

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
    ['/é', '/%C3%A9'],
    ['/\ud800', '/%EF%BF%BD'],
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
