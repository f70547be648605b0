import { describe, expect, it } from 'vitest'
import { type AddressedRequest, compileAddressKey, compileClientAddress } from './compile-client-address.ts'

/** A request that says which header fields were read of it. */
function requestOf(peer: string | undefined, fields: Readonly<Record<string, string>> = {}) {
  const read: string[] = []
  const header = (name: string): string | undefined => {
    read.push(name)
    return fields[name]
  }
  return { peer, header, read } satisfies AddressedRequest & { read: string[] }
}

const trustedProxies = ['10.0.0.0/8', '2001:db8::/32']

describe('compileClientAddress', () => {
  it.each<[string, string | undefined, string | undefined, string | null]>([
    ['takes a peer that is not trusted', '203.0.113.9', '198.51.100.1', '203.0.113.9'],
    [
      'takes the right-most untrusted address',
      '10.0.0.1',
      '6.6.6.6, 198.51.100.1:80, 10.0.0.3',
      '198.51.100.1',
    ],
    ['takes the left-most where all are trusted', '10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
    ['takes a trusted peer that sends no field', '10.0.0.1', undefined, '10.0.0.1'],
    ['reads IPv4-mapped peers', '::ffff:a00:1', '198.51.100.1', '198.51.100.1'],
    ['knows nobody by an item that is no address', '10.0.0.1', '198.51.100.1, unknown', null],
    ['knows nobody by an empty field', '10.0.0.1', '', null],
    ['knows nobody where the peer has left', undefined, '198.51.100.1', null],
    ['knows nobody where the peer is no address', '/run/app.sock', '198.51.100.1', null],
  ])('%s', (_, peer, list, expected) => {
    const addressOf = compileClientAddress({ trustedProxies })
    const request = requestOf(peer, list === undefined ? {} : { 'x-forwarded-for': list })
    expect([addressOf(request), addressOf(request)]).toEqual([expected, expected])
  })

  it('reads no field of anybody without trusted proxies, and none of an untrusted peer', () => {
    const request = requestOf('10.0.0.1', {
      'x-forwarded-for': '198.51.100.1',
      forwarded: 'for=198.51.100.1',
    })
    expect(compileClientAddress()(request)).toBe('10.0.0.1')
    expect(compileClientAddress({ trustedProxies: ['10.0.0.2'] })(request)).toBe('10.0.0.1')
    expect(request.read).toEqual([])
  })

  it.each([
    ['CF-Connecting-IP', '198.51.100.1', '198.51.100.1'],
    ['x-real-ip', '2001:DB9::1', '2001:db9:0:0:0:0:0:1'],
    ['x-real-ip', '198.51.100.1, 198.51.100.2', null],
    ['x-real-ip', '', null],
    ['forwarded', 'for=6.6.6.6, for="[2001:db9::1]:443";proto=https', '2001:db9:0:0:0:0:0:1'],
  ])('reads %s: %s, and no other field', (addressHeader, value, expected) => {
    const name = addressHeader.toLowerCase()
    const request = requestOf('10.0.0.1', { 'x-forwarded-for': '6.6.6.6', [name]: value })
    expect(compileClientAddress({ trustedProxies, addressHeader })(request)).toBe(expected)
    expect(request.read).toEqual([name])
  })

  it('believes peers without an address by the word unix alone', () => {
    const addressOf = compileClientAddress({ trustedProxies: ['unix', '10.0.0.3'] })
    const fields = { 'x-forwarded-for': '6.6.6.6, 198.51.100.1, 10.0.0.3' }
    expect(addressOf(requestOf(undefined, fields))).toBe('198.51.100.1')
    expect(addressOf(requestOf('', fields))).toBe('198.51.100.1')
    expect(addressOf(requestOf('not an address', fields))).toBeNull()
    expect(addressOf(requestOf('203.0.113.9', fields))).toBe('203.0.113.9')
    expect(addressOf(requestOf(undefined))).toBeNull()
  })

  it('answers the same when more clients have come than it remembers', () => {
    const addressOf = compileClientAddress({ trustedProxies })
    const client = (i: number): string => `198.51.${i >> 8}.${i & 255}`
    for (let i = 0; i < 5000; i++) {
      const fields = { 'x-forwarded-for': `6.6.6.6,${client(i)}` }
      expect(addressOf(requestOf('10.0.0.1', fields))).toBe(client(i))
    }
  })

  it.each([
    [{ trustedProxies: ['unix', 'loopback'] }, 'trustedProxies[1]: "loopback" is not an address'],
    [{ trustedProxies: '10.0.0.0/8' }, 'trustedProxies: "10.0.0.0/8" is not a list'],
    [{ addressHeader: 'x forwarded' }, 'addressHeader: "x forwarded" is no name of a header field'],
  ])('refuses %j', (options, message) => {
    expect(() => compileClientAddress(options as never)).toThrow(message)
    expect(() => compileClientAddress(options as never, 'options')).toThrow(`options.${message}`)
  })
})

describe('compileAddressKey', () => {
  it.each([
    [56, '2001:db8:1:2ff::1', '2001:db8:1:200:0:0:0:0'],
    [48, '2001:db8:1:2ff::1', '2001:db8:1:0:0:0:0:0'],
    [64, '2001:db8:1:2ff::1', '2001:db8:1:2ff:0:0:0:0'],
    [60, '2001:db8:1:2ff::1', '2001:db8:1:2f0:0:0:0:0'],
    [128, '2001:db8:1:2ff::1', '2001:db8:1:2ff:0:0:0:1'],
    [32, '198.51.100.7', '198.51.100.7'],
    [56, '::ffff:c633:6407', '198.51.100.7'],
    [56, '64:ff9b::198.51.100.7', '64:ff9b:0:0:0:0:c633:6407'],
    [56, '2001:db8:1:2::1.2.3.4', '2001:db8:1:0:0:0:0:0'],
  ])('by %i bits makes %s %s', (prefix, address, expected) => {
    const keyOf = compileAddressKey(prefix)
    expect(keyOf(address)).toBe(expected)
    expect(keyOf(keyOf(address))).toBe(expected)
  })

  it.each([31, 129, 56.5, '56'])('refuses a prefix of %j', (prefix) => {
    expect(() => compileAddressKey(prefix as never)).toThrow('ipv6Prefix: ')
  })

  it('refuses what is no address', () => {
    expect(() => compileAddressKey()('unknown')).toThrow(expect.objectContaining({ code: 'invalid-key' }))
  })
})
