import { describe, expect, it } from 'vitest'
import type { Attributes } from '../core/key.ts'
import { compileAccessLists } from './access-lists.ts'
import { RequestAttributes } from './matcher.ts'

const lists = compileAccessLists(
  { ip: ['10.0.0.0/8', '192.0.2.1', '2001:db8::/32'], user: ['root', 7] },
  { apiKey: ['revoked-1', 42], ip: ['10.6.6.6'] },
)

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
    expect(lists?.(new RequestAttributes(attributes))).toBe(listed)
  })

  it.each<[Attributes, string | null]>([
    [{ path: '/internal/x/../health' }, 'allow'],
    [{ path: '/internal' }, 'allow'],
    [{ path: '/internalx' }, null],
    [{ host: 'old.example.com' }, 'deny'],
    [{ host: 'example.com' }, null],
  ])('take values as a match does: %j: %s', (attributes, listed) => {
    const patterns = compileAccessLists({ path: ['/internal/**'] }, { host: ['*.example.com'] })
    expect(patterns?.(new RequestAttributes(attributes))).toBe(listed)
  })

  it.each(['10', 'nonsense', 10, '10.0.0.1.', '010.0.0.1', '1.2.3.4,10.0.0.1', '::10.0.0.1x'])(
    'let nobody past by a spelling that is no address: %j',
    (ip) => {
      expect(() => lists?.(new RequestAttributes({ ip }))).toThrow(
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
    [{ user: 'root' }, 'options.allow.user: "root" is not a list of texts and whole numbers'],
    [
      { user: [''] },
      'options.allow.user: "" cannot be matched; use a text, a whole number, or a list of them',
    ],
    [new Map([['user', ['root']]]), 'options.allow: an object is not a list'],
    [['root'], 'options.allow: an array is not a list; write { attribute: [value, …] }'],
  ])('refuses %j', (allow, message) => {
    expect(() => compileAccessLists(allow as never)).toThrow(message)
  })
})
