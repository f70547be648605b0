import fc from 'fast-check'
import { normalizePath } from 'headgate/http'
import { describe, expect, it } from 'vitest'
import { canonicalPath } from './canonical-path.ts'

describe('I-42 canonicalPath', () => {
  it.each([
    ['/', '/'],
    ['/a/b.c', '/a/b.c'],
    ['/a/', '/a/'],
    ['//a', '/a'],
    ['/a///b//', '/a/b/'],
    ['/./a', '/a'],
    ['/../a', '/a'],
    ['/a/..', '/'],
    ['/a/b/..', '/a/'],
    ['/a/.', '/a/'],
    ['/a/%2e%2E/b', '/b'],
    ['/%61%7e%2D', '/a~-'],
    ['/%c3%a9', '/%C3%A9'],
    ['/a"<>[]^`{|}', '/a%22%3C%3E%5B%5D%5E%60%7B%7C%7D'],
    ['/A', '/A'],
    ['/a;jsessionid=1/b', '/a;jsessionid=1/b'],
    ["/a!$&'()*+,=:@", "/a!$&'()*+,=:@"],
    ['/...', '/...'],
    ['/.well-known/x', '/.well-known/x'],
    ['/%2a%2C', '/%2A%2C'],
  ])('spells %s as %s', (given, canonical) => {
    expect(canonicalPath(given, 'refuse')).toBe(canonical)
    expect(canonicalPath(given, 'pass')).toBe(canonical)
  })

  it.each([
    ['/a/..;/b'],
    ['/;/b'],
    ['/a\\b'],
    ['/%00'],
    ['/%0d%0a'],
    ['/%7f'],
    ['/%u002e'],
    ['/%'],
    ['/%2'],
    ['/%c0%ae'],
    ['/%ff'],
    ['/a//../b'],
    ['/a#b'],
  ])('refuses %s in any case', (given) => {
    expect(canonicalPath(given, 'refuse')).toBeNull()
    expect(canonicalPath(given, 'pass')).toBeNull()
  })

  it.each([
    ['/a%2fb', '/a%2Fb'],
    ['/a%5Cb', '/a%5Cb'],
    ['/a%3bb', '/a%3Bb'],
    ['/a%23', '/a%23'],
    ['/a%3F', '/a%3F'],
    ['/50%25', '/50%25'],
    ['/a%252eb', '/a%252eb'],
  ])('refuses %s unless encoded characters pass', (given, passed) => {
    expect(canonicalPath(given, 'refuse')).toBeNull()
    expect(canonicalPath(given, 'pass')).toBe(passed)
  })

  it.each([
    ['/a/..%2fb'],
    ['/a%2f..'],
    ['/a%2f%2e%2e%2fb'],
    ['/a/..%5cb'],
    ['/a/..%3bx/b'],
    ['/a/.%2fb'],
    ['/%252e'],
    ['/a/%252e%252e/b'],
    ['/a%252f..%252fb'],
    ['/a/..%3fx'],
    ['/a/..%23x'],
    ['/a%2f..;x'],
  ])('refuses dots that %s hides', (given) => {
    expect(canonicalPath(given, 'pass')).toBeNull()
  })

  const piece = fc.constantFrom(
    ...[
      '/',
      '//',
      '.',
      '..',
      '%2e',
      '%2E',
      '%2f',
      '%5c',
      '%25',
      '%3b',
      '%c3%a9',
      '%61',
      '%2A',
      '%',
      ';',
      'a',
    ],
    ...['B', '*', '=', '"', '|', '[', '~', '-', '_', '%3F', '%23', 'x=1', '%7B'],
  )
  const paths = fc.array(piece, { maxLength: 12 }).map((pieces) => `/${pieces.join('')}`)
  const modes = fc.constantFrom('refuse' as const, 'pass' as const)

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(paths, modes, (path, mode) => {
        const once = canonicalPath(path, mode)
        if (once !== null) expect(canonicalPath(once, mode)).toBe(once)
      }),
      { numRuns: 2000 },
    )
  })

  it('means to policies what the path meant that the client sent', () => {
    fc.assert(
      fc.property(paths, modes, (path, mode) => {
        const canonical = canonicalPath(path, mode)
        if (canonical !== null) expect(normalizePath(canonical)).toBe(normalizePath(path))
      }),
      { numRuns: 2000 },
    )
  })

  it('leaves no dot segment and no empty one', () => {
    fc.assert(
      fc.property(paths, modes, (path, mode) => {
        expect(canonicalPath(path, mode) ?? '/').not.toMatch(/\/\/|\/\.{1,2}(?:\/|$)|%2e/i)
      }),
      { numRuns: 2000 },
    )
  })
})
