import { describe, expect, it } from 'vitest'
import type { Attributes } from '../core/key.ts'
import { type AccessLists, compileAccessLists } from './access-lists.ts'
import { RequestAttributes } from './request-attributes.ts'

const lists = compileAccessLists(
  { ip: ['10.0.0.0/8', '192.0.2.1', '2001:db8::/32'], user: ['root', 7] },
  { apiKey: ['revoked-1', 42], ip: ['10.6.6.6'] },
)

const listOf = (lists: AccessLists | null, attributes: Attributes): string | null =>
  lists?.(new RequestAttributes(attributes))?.list ?? null

/** A list of `count` values of each kind. */
function ofEveryKind(count: number): AccessLists | null {
  const numbers = Array.from({ length: count }, (_, i) => i)
  return compileAccessLists(
    {},
    {
      user: numbers.map((i) => `u${i}`),
      apiKey: numbers.map((i) => `k${i}-*`),
      host: numbers.map((i) => `*.h${i}.example`),
      ip: numbers.map((i) => `10.${i >> 12}.${(i >> 4) & 255}.${(i & 15) << 4}/${i % 2 === 0 ? 28 : 29}`),
      path: numbers.map((i) => `/**/p${i}/*`),
    },
  )
}

/** Microseconds of the processor for 1,000 look-ups of what is on no list, the least of three. */
function lookUpUs(lists: AccessLists | null): number {
  const free = { user: 'v', apiKey: 'k7', host: 'h7.example', ip: '192.0.2.7', path: '/p7' }
  const once = (): number => {
    const before = process.cpuUsage()
    for (let i = 0; i < 1000; i++) expect(listOf(lists, free)).toBeNull()
    return process.cpuUsage(before).user
  }
  return Math.min(once(), once(), once())
}

describe('access lists', () => {
  it.each<[Attributes, string | null]>([
    [{ ip: '10.1.2.3' }, 'allow'],
    [{ ip: '11.1.2.3' }, null],
    [{ ip: '192.0.2.1' }, 'allow'],
    [{ ip: '192.0.2.2' }, null],
    [{ ip: '::ffff:10.1.2.3' }, 'allow'],
    [{ ip: '::ffff:a01:203' }, 'allow'],
    [{ ip: '2001:db8:1::1' }, 'allow'],
    [{ ip: '2001:db9::1' }, null],
    [{ ip: '2001:db8::1%eth0' }, 'allow'],
    [{ ip: '10.6.6.6' }, 'deny'],
    [{ ip: '::ffff:10.6.6.6' }, 'deny'],
    [{ ip: '10.6.6.6:443' }, 'deny'],
    [{ user: 'root' }, 'allow'],
    [{ user: '7' }, 'allow'],
    [{ user: 7 }, 'allow'],
    [{ user: 'ROOT' }, null],
    [{ user: 'root', apiKey: 'revoked-1' }, 'deny'],
    [{ apiKey: 42 }, 'deny'],
    [{ apiKey: '42' }, 'deny'],
    [{ apiKey: 'revoked-11' }, null],
    [{ constructor: 'root' }, null],
    [JSON.parse('{"__proto__":"root"}'), null],
    [{}, null],
  ])('%j: %s', (attributes, listed) => {
    expect(listOf(lists, attributes)).toBe(listed)
  })

  it.each<[Attributes, string | null]>([
    [{ path: '/internal/x/../health' }, 'allow'],
    [{ path: '/internal' }, 'allow'],
    [{ path: '/internalx' }, null],
    [{ host: 'old.example.com' }, 'deny'],
    [{ host: 'example.com' }, null],
  ])('take values as a match does: %j: %s', (attributes, listed) => {
    const patterns = compileAccessLists({ path: ['/internal/**'] }, { host: ['*.example.com'] })
    expect(listOf(patterns, attributes)).toBe(listed)
  })

  it.each<[Attributes, string | null]>([
    [{ method: 'POST', path: '/admin/users' }, 'deny'],
    [{ method: 'GET', path: '/admin/users' }, null],
    [{ method: 'POST', path: '/api' }, null],
    [{ method: 'POST' }, null],
    [{ user: 'eve', ip: '192.0.2.7' }, 'deny'],
    [{ user: 'eve', ip: '198.51.100.7' }, null],
    [{ user: 'root', method: 'POST', path: '/admin' }, 'deny'],
    [{ user: 'root' }, 'allow'],
  ])('as matches ask for all attributes of an entry: %j: %s', (attributes, listed) => {
    const matches = compileAccessLists({ user: 'root' }, [
      { method: ['POST', 'PUT'], path: '/admin/**' },
      { user: 'eve', ip: '192.0.2.0/24' },
    ])
    expect(listOf(matches, attributes)).toBe(listed)
  })

  it.each(['/login', '/login/', '//login', '/%6cogin', '/admin/x', '/./admin//x?y', '/x/../admin'])(
    'of paths are passed by no spelling: %s',
    (path) => {
      const paths = compileAccessLists({}, { path: ['/login', '/admin/**'] })
      expect(listOf(paths, { path })).toBe('deny')
      expect(listOf(paths, { path: '/loginx' })).toBeNull()
    },
  )

  it.each([
    '192.0.2.1',
    ' 192.0.2.1',
    '192.0.2.1:443',
    '[::ffff:192.0.2.1]:443',
    '::ffff:c000:201',
    '::FFFF:192.0.2.1%eth0',
  ])('of addresses are passed by no spelling: %j', (ip) => {
    const addresses = compileAccessLists({}, { ip: ['192.0.2.1'] })
    expect(listOf(addresses, { ip })).toBe('deny')
  })

  it('look up one of 10,000 values of every kind without trying each', () => {
    const many = ofEveryKind(10_000)
    expect(listOf(many, { user: 'u9999', ip: '192.0.2.1', path: '/' })).toBe('deny')
    expect(listOf(many, { apiKey: 'k9999-7' })).toBe('deny')
    expect(listOf(many, { host: 'a.h9999.example' })).toBe('deny')
    expect(listOf(many, { ip: '10.2.112.241' })).toBe('deny')
    expect(listOf(many, { path: '/a/b/p9999/c' })).toBe('deny')
    // Of the processor, which others do not slow down. Trying each would take a thousand times as long as with ten.
    expect(lookUpUs(many)).toBeLessThan(100 * lookUpUs(ofEveryKind(10)))
  })

  it.each(['10', 'nonsense', 10, '10.0.0.1.', '010.0.0.1', '1.2.3.4,10.0.0.1', '::10.0.0.1x'])(
    'let nobody past by a spelling that is no address: %j',
    (ip) => {
      expect(() => listOf(lists, { ip })).toThrow(
        expect.objectContaining({
          code: 'invalid-key',
          message: expect.stringContaining('is not an address'),
        }),
      )
    },
  )

  it('are none where both are empty', () => {
    expect(compileAccessLists(undefined, {})).toBeNull()
  })

  it.each([
    [{ ip: ['10.0.0.0/33'] }, 'options.allow.ip: "10.0.0.0/33" is not an address'],
    [{ user: 1.5 }, 'options.allow.user: 1.5 cannot be matched'],
    [
      { user: [''] },
      'options.allow.user: "" cannot be matched; use a text, a whole number, or a list of them',
    ],
    [new Map([['user', ['root']]]), 'options.allow: an object is not a list'],
    ['root', 'options.allow: "root" is not a list; write { attribute: [value, …] }, or a list of matches'],
    [['root'], 'options.allow[0]: "root" is not a match; write { attribute: value }'],
    [[{ user: 'a' }, {}], 'options.allow[1]: an entry without attributes would list every request'],
    [[{ user: [] }], 'options.allow[0].user: an array cannot be matched'],
    [[{ path: 'admin' }], 'options.allow[0].path: "admin" is not a path pattern'],
  ])('refuses %j', (allow, message) => {
    expect(() => compileAccessLists(allow as never)).toThrow(message)
  })
})
