import { Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { markUnix } from '../../listener/peer-of.ts'
import { TrustedPeers } from '../../service/identity/trusted-peers.ts'
import { type RequestClient, RequestClients } from './request-client.ts'

const sockets: Socket[] = []
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy()
})

/** A connection from an address; without one, it has ended. */
function from(address: string | undefined, more: object = {}): Socket {
  const socket = new Socket()
  sockets.push(socket)
  return Object.defineProperties(socket, {
    remoteAddress: { value: address },
    ...Object.fromEntries(Object.entries(more).map(([name, value]) => [name, { value }])),
  })
}

function fromUnix(): Socket {
  const socket = from(undefined)
  markUnix(socket)
  return socket
}

interface Given {
  readonly socket?: Socket
  readonly trusted?: readonly string[]
  readonly forwardedFor?: string | null
  readonly forwardedProto?: string | null
}

const PROXY = '10.0.0.1'

function client({ socket = from(PROXY), trusted = ['10.0.0.0/8'], ...told }: Given): RequestClient {
  const { forwardedFor = null, forwardedProto = null } = told
  const clients = new RequestClients({ allow: null, deny: [] }, new TrustedPeers(trusted))
  const first = clients.of(socket, { forwardedFor, forwardedProto })
  // What is remembered of a connection and of a text changes nothing.
  expect(clients.of(socket, { forwardedFor, forwardedProto })).toEqual(first)
  return first
}

describe('the client', () => {
  it.each([
    ['198.51.100.1', '198.51.100.1'],
    ['203.0.113.9, 198.51.100.1', '198.51.100.1'],
    ['203.0.113.9, 198.51.100.1, 10.0.0.2', '198.51.100.1'],
    ['203.0.113.9,198.51.100.1 ,  10.0.0.2,10.0.0.3', '198.51.100.1'],
    ['10.0.0.9, 10.0.0.2', '10.0.0.9'],
    ['unknown, 198.51.100.1', '198.51.100.1'],
    ['_hidden, 1.2.3.4%00, 198.51.100.1, 10.0.0.2', '198.51.100.1'],
  ])('I-02 is the right-most address of %s that is no proxy', (forwardedFor, ip) => {
    expect(client({ forwardedFor }).ip).toBe(ip)
  })

  it.each([
    ['unknown'],
    ['_hidden'],
    ['1.2.3.4%00'],
    ['999.1.1.1'],
    ['0x7f.1'],
    ['127.1'],
    [''],
    [' , '],
    ['198.51.100.1, '],
    ['a'.repeat(64 * 1024)],
    ['198.51.100.1, unknown, 10.0.0.2'],
  ])('I-03 is not known where the nearest item that counts is no address: %s', (forwardedFor) => {
    expect(client({ forwardedFor })).toMatchObject({ ip: null, isServed: false })
  })

  it('I-03 is found among 10,000 items without looking at them all', () => {
    const forwardedFor = Array.from({ length: 10_000 }, () => '10.0.0.2').join()
    expect(client({ forwardedFor: `198.51.100.1,${forwardedFor}` }).ip).toBe(PROXY.replace('.1', '.2'))
  })

  it('I-01 is the peer where that is no trusted proxy', () => {
    const socket = from('198.51.100.7')
    expect(client({ socket, forwardedFor: '203.0.113.9', forwardedProto: 'https' })).toMatchObject({
      ip: '198.51.100.7',
      isSecure: false,
      isTrusted: false,
    })
  })

  it('I-05 is not known where the connection has ended', () => {
    expect(client({ socket: from(undefined) }).ip).toBeNull()
    expect(client({ socket: from(undefined), forwardedFor: '203.0.113.9' }).ip).toBeNull()
  })

  it('I-05 is unix by a Unix socket, or whom a trusted one names', () => {
    expect(client({ socket: fromUnix() }).ip).toBe('unix')
    expect(client({ socket: fromUnix(), forwardedFor: '203.0.113.9' }).ip).toBe('unix')
    const trusted = ['unix']
    expect(client({ socket: fromUnix(), trusted }).ip).toBe('unix')
    expect(client({ socket: fromUnix(), trusted, forwardedFor: '203.0.113.9' }).ip).toBe('203.0.113.9')
    expect(client({ socket: fromUnix(), trusted, forwardedFor: 'unknown' }).ip).toBeNull()
  })

  it.each([['::ffff:1.2.3.4'], ['::ffff:102:304'], ['::FFFF:1.2.3.4'], ['0:0:0:0:0:ffff:0102:0304']])(
    'I-06 has one spelling: %s is 1.2.3.4',
    (address) => {
      expect(client({ socket: from(address) }).ip).toBe('1.2.3.4')
      expect(client({ forwardedFor: address }).ip).toBe('1.2.3.4')
    },
  )

  it('I-07 has the address of IPv6 with a tail in the spelling of IPv4 in groups', () => {
    expect(client({ forwardedFor: '2001:db8:1:2::1.2.3.4' }).ip).toBe('2001:db8:1:2:0:0:102:304')
  })

  it('I-08 has no zone', () => {
    expect(client({ socket: from('fe80::1%eth0') }).ip).toBe('fe80:0:0:0:0:0:0:1')
  })
})

describe('clients', () => {
  const served = (ip: string, allow: readonly string[] | null, deny: readonly string[] = []) =>
    new RequestClients({ allow, deny }, new TrustedPeers([PROXY])).of(from(ip), {
      forwardedFor: null,
      forwardedProto: null,
    }).isServed

  it('are served where nothing is said', () => {
    expect(served('198.51.100.7', null)).toBe(true)
  })

  it('are those on the list, and not those denied', () => {
    const lists = [['198.51.100.0/24', '2001:db8::/32'], ['198.51.100.7']] as const
    expect(served('198.51.100.6', ...lists)).toBe(true)
    expect(served('2001:db8::1', ...lists)).toBe(true)
    expect(served('::ffff:198.51.100.6', ...lists)).toBe(true)
    expect(served('198.51.100.7', ...lists)).toBe(false)
    expect(served('::ffff:198.51.100.7', ...lists)).toBe(false)
    expect(served('203.0.113.1', ...lists)).toBe(false)
  })

  it('are judged by the address that a trusted proxy names', () => {
    const clients = new RequestClients({ allow: ['198.51.100.0/24'], deny: [] }, new TrustedPeers([PROXY]))
    const socket = from(PROXY)
    const of = (forwardedFor: string | null) =>
      clients.of(socket, { forwardedFor, forwardedProto: null }).isServed
    expect(of('198.51.100.7')).toBe(true)
    expect(of('203.0.113.1')).toBe(false)
    expect(of(null)).toBe(false)
  })

  it('by a Unix socket are listed as unix', () => {
    const of = (allow: readonly string[]) =>
      new RequestClients({ allow, deny: [] }, new TrustedPeers([])).of(fromUnix(), {
        forwardedFor: null,
        forwardedProto: null,
      }).isServed
    expect(of(['unix'])).toBe(true)
    expect(of(['0.0.0.0/0'])).toBe(false)
  })

  it('are remembered by what a proxy says of them without end', () => {
    const clients = new RequestClients({ allow: null, deny: [] }, new TrustedPeers([PROXY]))
    const socket = from(PROXY)
    for (let i = 0; i < 3000; i++) {
      const ip = `198.51.${i >> 8}.${i & 255}`
      expect(clients.of(socket, { forwardedFor: ip, forwardedProto: null }).ip).toBe(ip)
    }
  })
})

describe('a client comes by TLS', () => {
  const encrypted = { encrypted: true }

  it('where its connection is', () => {
    expect(client({ socket: from('198.51.100.7', encrypted) }).isSecure).toBe(true)
    expect(client({ socket: from('198.51.100.7') }).isSecure).toBe(false)
    expect(client({ socket: from(PROXY, encrypted), forwardedFor: '198.51.100.7' }).isSecure).toBe(true)
  })

  it.each([
    ['https', true],
    ['HTTPS', true],
    ['wss', true],
    ['https, https', true],
    ['http', false],
    ['https,http', false],
    ['http, https', false],
    ['', false],
    ['httpsx', false],
  ])('where a trusted proxy says so: %s', (forwardedProto, isSecure) => {
    expect(client({ forwardedProto }).isSecure).toBe(isSecure)
    expect(client({ socket: from(PROXY, encrypted), forwardedProto }).isSecure).toBe(isSecure)
  })
})
