import { describe, expect, it } from 'vitest'
import { accessLists } from './access-lists.ts'

const judge = accessLists(
  { ip: ['10.0.0.0/8', '192.0.2.1', '2001:db8::/32'], user: ['root', 7] },
  { apiKey: ['revoked-1', 42], ip: ['10.6.6.6'] },
)

describe('accessLists', () => {
  it.each([
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
    [{ ip: '10' }, null],
    [{ ip: 'nonsense' }, null],
    [{ ip: 10 }, null],
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
    expect(judge(attributes)).toBe(listed)
  })
})
