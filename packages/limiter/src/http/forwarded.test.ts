import { describe, expect, it } from 'vitest'
import { compileTrustedProxies, walkToClient } from './client-address.ts'
import { forwardedStyle } from './forwarded.ts'

const trusted = compileTrustedProxies(['10.0.0.0/8'])
const clientOf = (list: string): string | null => walkToClient(list, trusted, forwardedStyle)

describe('forwardedStyle', () => {
  it.each([
    ['for=198.51.100.1', '198.51.100.1'],
    ['For=198.51.100.1;Proto=https;by=10.0.0.1', '198.51.100.1'],
    ['proto=https; for="198.51.100.1:4711" ; host="a, for=6.6.6.6"', '198.51.100.1'],
    ['for="[2001:db8:cafe::17]:4711"', '2001:db8:cafe:0:0:0:0:17'],
    ['for="[::ffff:198.51.100.1%eth0]"', '198.51.100.1'],
    ['for="198\\.51.100.1"', '198.51.100.1'],
    ['host="\\"a\\"";for=198.51.100.1', '198.51.100.1'],
    ['for=198.51.100.1;', '198.51.100.1'],
    ['for=6.6.6.6,for=198.51.100.1 , for=10.0.0.3;host="x,\\",y"', '198.51.100.1'],
    ['for=10.0.0.2, for=10.0.0.3', '10.0.0.2'],
    ['for="open, for=198.51.100.1', '198.51.100.1'],
    ['for=6.6.6.6;x=", for="[2001:db8::1]:443"', '2001:db8:0:0:0:0:0:1'],
  ])('reads %s as %s', (list, expected) => {
    expect(clientOf(list)).toBe(expected)
  })

  it.each([
    '',
    ' ',
    'for',
    'for=',
    'for=unknown',
    'for=_hidden',
    'for="_hidden:443"',
    'proto=https',
    'for=198.51.100.1;for=198.51.100.2',
    'for=198.51.100.1 for=198.51.100.2',
    'for=198.51.100.1;;proto=https',
    'for="2001:db8::1"',
    'for=2001:db8::1',
    'for="198.51.100.1',
    'for=198.51.100.1"',
    '"',
    'for=198.51.100.1,',
    'for=198.51.100.1, , for=10.0.0.3',
    'for=198.51.100.1, for=unknown, for=10.0.0.3',
    'for="x"y;for=198.51.100.1',
  ])('knows nobody by %s', (list) => {
    expect(clientOf(list)).toBeNull()
  })
})
