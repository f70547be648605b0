import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isAmbiguousPath, normalizePath } from './path.ts'

/** Of the processor, which others do not slow down; each step for each character would take 100 KB minutes. */
const QUADRATIC_US = 3_000_000

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
    ['/a;v=1', '/a'],
    ['/a;v=1/b;w', '/a/b'],
    ['/;v/a', '/;v/a'],
    ['/..;/a', '/..;/a'],
    ['/a%3Bv', '/a%3Bv'],
    ['/a b', '/a%20b'],
    ['/a"<>`{|}^', '/a%22%3C%3E%60%7B%7C%7D%5E'],
    ['/%27%40%3a', "/'@:"],
    ['/*%2a', '/%2A%2A'],
    ['\\a\\..\\b', '/b'],
    ['/a\tb\n/.\r.', '/'],
    ['/a//../b', '/a/b'],
    ['/\0', '/%00'],
    ['http://h/abs', '/abs'],
    ['HTTPS://user:pass@h:443//a/../b?c=/d', '/b'],
    ['http://[::1]:80/a', '/a'],
    ['http://h', '/'],
    ['http://h?q=/a', '/'],
    ['http:\\\\h\\abs', '/abs'],
    ['http:/h/abs', '/abs'],
    ['ht\ttp://h/abs', '/abs'],
    ['redis://h/abs', '/abs'],
    ['/http://h/abs', '/http:/h/abs'],
    ['//h/abs', '/h/abs'],
    ['h:80/abs', '/h:80/abs'],
    ['1http://h/abs', '/1http:/h/abs'],
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
        for (const segment of normal === '/' ? [] : normal.split('/').slice(1)) {
          expect(['', '.', '..']).not.toContain(segment)
        }
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
    `${'a'.repeat(100_000)}!`,
    `http:${'/'.repeat(100_000)}`,
  ])('takes a path of 100 KB in one go', (path) => {
    const before = process.cpuUsage()
    normalizePath(path)
    expect(process.cpuUsage(before).user).toBeLessThan(QUADRATIC_US)
  })
})

describe('isAmbiguousPath', () => {
  it.each([
    '/a%2Fb',
    '/a%5cb',
    '/a\\b',
    '/a%3Bv',
    '/a%3fb',
    '/a%23b',
    '/a#b',
    '/%252e%252e/a',
    '/%00',
    '/a%0a',
    '/a\tb',
    '/a\x7f',
    '/..;/a',
    '/a/.%2E;v/b',
    '/.;/a',
    '/;v/a',
    '/a//../b',
    '/a//b/%2e%2e/c',
    '/%c0%ae%c0%ae/a',
    '/%e0%80%af',
    '/%ff',
    '/%',
    '/%4',
    '/%u002e',
    '/\ud800',
  ])('of %j is true', (path) => {
    expect(isAmbiguousPath(path)).toBe(true)
  })

  it.each([
    '/',
    '/api/v1.2/~a',
    '/a/../b/./c/',
    '//a//b',
    '/a/..//b',
    '/a;v=1/b;w',
    '/%61%2e%7E',
    '/a%20b',
    '/caf%C3%A9',
    '/é',
    "/@scope:a,b'(c)!",
  ])('of %j is false', (path) => {
    expect(isAmbiguousPath(path)).toBe(false)
  })

  it.each(['//'.repeat(50_000), '/..;'.repeat(25_000), '%2e'.repeat(33_000), '/a//b'.repeat(20_000)])(
    'of 100 KB is found in one go',
    (path) => {
      const before = process.cpuUsage()
      isAmbiguousPath(path)
      expect(process.cpuUsage(before).user).toBeLessThan(QUADRATIC_US)
    },
  )
})
