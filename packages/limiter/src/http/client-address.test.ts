import { describe, expect, it } from 'vitest'
import { clientAddress, compileTrustedProxies, isTrustedPeer } from './client-address.ts'

const trusted = compileTrustedProxies(['10.0.0.0/8', '2001:db8::/32'], 'trustedProxies')

describe('clientAddress', () => {
  it.each<[string, string | undefined, string | readonly string[] | undefined, string | null]>([
    ['believes no header of an untrusted peer', '203.0.113.9', '198.51.100.1', '203.0.113.9'],
    ['takes the right-most untrusted address', '10.0.0.1', '6.6.6.6, 198.51.100.1', '198.51.100.1'],
    ['walks over trusted proxies', '10.0.0.1', '6.6.6.6, 198.51.100.1, 10.0.0.3', '198.51.100.1'],
    ['takes the left-most where all are trusted', '10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
    ['takes the peer without a header', '10.0.0.1', undefined, '10.0.0.1'],
    ['takes no item of an untrusted peer for anything', '203.0.113.9', 'unknown', '203.0.113.9'],
    ['reads nothing behind the client', '10.0.0.1', 'unknown, 198.51.100.1', '198.51.100.1'],
    ['takes the peer where there are no header lines', '10.0.0.1', [], '10.0.0.1'],
    ['takes the proxy for no client of an empty header', '10.0.0.1', '', null],
    ['joins header lines in their order', '10.0.0.1', ['6.6.6.6', '198.51.100.1'], '198.51.100.1'],
    ['strips ports', '10.0.0.1', '198.51.100.1:5555', '198.51.100.1'],
    ['strips brackets, ports and zones', '10.0.0.1', '[2001:db9::1%eth0]:443', '2001:db9:0:0:0:0:0:1'],
    ['reads mapped addresses', '::ffff:10.0.0.1', '::ffff:198.51.100.1', '198.51.100.1'],
    ['trusts networks of IPv6', '2001:db8::7', '198.51.100.1', '198.51.100.1'],
    ['answers nothing at what is no address', '10.0.0.1', '198.51.100.1, unknown, 10.0.0.2', null],
    ['answers nothing at an empty item', '10.0.0.1', '198.51.100.1, ,10.0.0.2', null],
    ['answers nothing at an obfuscated item', '10.0.0.1', '_hidden', null],
    ['answers nothing at other spellings of numbers', '10.0.0.1', '0x7f.1', null],
    ['answers nothing of a peer without an address', '/run/app.sock', '198.51.100.1', null],
    ['answers nothing of a peer that has left', undefined, '198.51.100.1', null],
  ])('%s', (_, peer, header, expected) => {
    expect(clientAddress(peer, header, trusted)).toBe(expected)
  })

  it('looks at 32 items of a chain at most', () => {
    const chain = ['198.51.100.1', ...Array.from({ length: 10_000 }, () => '10.0.0.2')].join(',')
    expect(clientAddress('10.0.0.1', chain, trusted)).toBe('10.0.0.2')
  })

  it('trusts nobody by an empty list', () => {
    expect(clientAddress('10.0.0.1', '198.51.100.1', [])).toBe('10.0.0.1')
  })
})

describe('compileTrustedProxies', () => {
  it.each([
    [['10.0.0.0/8', 'loopback'], 'trustedProxies[1]: "loopback" is not an address'],
    [[7], 'trustedProxies[0]: 7 is not an address'],
    [true, 'trustedProxies: true is not a list'],
  ])('refuses %j', (given, message) => {
    expect(() => compileTrustedProxies(given as never, 'trustedProxies')).toThrow(message)
  })
})

describe('isTrustedPeer', () => {
  it.each([
    ['10.9.8.7', true],
    ['::ffff:10.9.8.7', true],
    ['11.0.0.1', false],
    ['/run/app.sock', false],
    [undefined, false],
  ])('of %s is %s', (peer, expected) => {
    expect(isTrustedPeer(peer, trusted)).toBe(expected)
  })
})
