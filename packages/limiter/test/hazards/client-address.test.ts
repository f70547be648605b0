import fc from 'fast-check'
import ipaddr from 'ipaddr.js'
import { describe, expect, it } from 'vitest'
import { createLimiter } from '../../src/create-limiter.ts'
import { compileTrustedProxies, forwardedForStyle, walkToClient } from '../../src/http/client-address.ts'
import {
  type AddressedRequest,
  compileAddressKey,
  compileClientAddress,
} from '../../src/http/compile-client-address.ts'
import { forwardedStyle } from '../../src/http/forwarded.ts'

/** Any address, half of them a proxy's, in any of its spellings. */
const ipv4 = fc
  .tuple(fc.constantFrom(10, 198), fc.nat(255), fc.nat(255), fc.nat(255))
  .map((octets) => octets.join('.'))
const group = fc.oneof(fc.constant(0), fc.nat(0xffff))
const ipv6 = fc
  .tuple(fc.constantFrom(0x2001, 0xfd00), ...new Array<typeof group>(7).fill(group))
  .map((groups) => groups.map((one) => one.toString(16)).join(':'))
const spelled = fc.tuple(fc.oneof(ipv4, ipv6), fc.nat(7)).map(([address, how]) => spell(address, how))
const proxies = ['10.0.0.0/8', 'fd00::/16']

function spell(address: string, how: number): string {
  const parsed = ipaddr.parse(address)
  if (parsed instanceof ipaddr.IPv6) {
    const short = parsed.toRFC5952String()
    return [short, address, short.toUpperCase(), wide(parsed), `[${short}]`][how] ?? `[${short}%eth0]:443`
  }
  const mapped = parsed.toIPv4MappedAddress()
  const tail = `::ffff:${address}`
  return [address, `${address}:8080`, tail, `[${tail}]:443`, mapped.toRFC5952String()][how] ?? wide(mapped)
}

/** `2001:0db8:0000:…`. */
function wide({ parts }: ipaddr.IPv6): string {
  return parts.map((part) => part.toString(16).padStart(4, '0')).join(':')
}

/** What `ipaddr.js` makes of one spelling. */
function oracle(text: string): ipaddr.IPv4 | ipaddr.IPv6 {
  const bare = text.startsWith('[')
    ? text.replace(/^\[([^\]%]*).*$/, '$1')
    : text.replace(/^([\d.]+):\d+$/, '$1')
  return ipaddr.process(bare)
}

function isProxy(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return proxies.some((one) => {
    const network = ipaddr.parseCIDR(one)
    return address.kind() === network[0].kind() && address.match(network)
  })
}

function expectedClient(peer: string, chain: readonly string[]): string {
  let address = oracle(peer)
  for (const item of chain.slice(-32).reverse()) {
    if (!isProxy(address)) break
    address = oracle(item)
  }
  return address instanceof ipaddr.IPv6 ? address.toNormalizedString() : address.toString()
}

function forwardedOf(chain: readonly string[]): string {
  // IPv6 has brackets in this field.
  const nodes = chain.map((item) => (/^[^[]*:.*:/.test(item) ? `[${item}]` : item))
  return nodes.map((node, i) => `host="a, \\"b";for="${node}"${i % 2 ? ';proto=https' : ''}`).join(', ')
}

function requestOf(peer: string, fields: Readonly<Record<string, string>>): AddressedRequest {
  return { peer, header: (name) => fields[name] }
}

describe('the address of a client', () => {
  it('is what another parser finds by the same walk, in chains of all spellings and in both fields', () => {
    const lists = compileClientAddress({ trustedProxies: proxies })
    const elements = compileClientAddress({ trustedProxies: proxies, addressHeader: 'forwarded' })
    const chains = fc.array(spelled, { minLength: 1, maxLength: 40 })
    fc.assert(
      fc.property(spelled, chains, fc.constantFrom(',', ', ', ' ,\t'), (peer, chain, comma) => {
        const request = requestOf(peer, {
          'x-forwarded-for': chain.join(comma),
          forwarded: forwardedOf(chain),
        })
        const expected = expectedClient(peer, chain)
        expect([lists(request), elements(request)]).toEqual([expected, expected])
      }),
    )
  })

  it('is never the choice of anybody outside the trusted list, whatever the fields say', () => {
    const junk = fc.string({
      unit: fc.constantFrom(...'0123456789abf.:,;="[]\\% _', 'for=', '6.6.6.6', '10.0.0.1'),
    })
    const outside = fc.oneof(ipv4, ipv6).filter((address) => !isProxy(oracle(address)))
    for (const addressHeader of ['x-forwarded-for', 'forwarded', 'x-real-ip']) {
      const addressOf = compileClientAddress({ trustedProxies: [...proxies, 'unix'], addressHeader })
      fc.assert(
        fc.property(outside, fc.oneof(junk, spelled), (client, written) => {
          const own = addressOf(requestOf(client, {}))
          expect(addressOf(requestOf(client, { [addressHeader]: written }))).toBe(own)
          if (addressHeader === 'x-real-ip') return
          // Behind a proxy that appends whom it was asked by.
          const appended = addressHeader === 'forwarded' ? forwardedOf([client]) : client
          const fields = { [addressHeader]: `${written}, ${appended}` }
          expect(addressOf(requestOf('10.0.0.1', fields))).toBe(own)
        }),
      )
    }
  })

  it('makes one budget of a network of IPv6, however its addresses rotate', () => {
    const addressOf = compileClientAddress({ trustedProxies: proxies })
    const keyOf = compileAddressKey()
    const plain = createLimiter({ limit: '5/min' })
    const byPolicy = createLimiter({ policies: [{ name: 'api', key: 'ip', rules: ['5/min'] }] })
    const fallback = createLimiter({ policies: [{ name: 'api', key: 'user', rules: ['5/min'] }] })
    const counts = [0, 0, 0]
    for (let i = 0; i < 2000; i++) {
      const client = `2001:db8:1:2${(i % 256).toString(16).padStart(2, '0')}::${i.toString(16)}`
      const ip = addressOf(requestOf('10.0.0.1', { 'x-forwarded-for': client })) ?? ''
      const decisions = [
        plain.consumeSync(keyOf(ip)),
        byPolicy.consumeSync({ ip }),
        fallback.consumeSync({ ip }),
      ]
      decisions.forEach(({ allowed }, at) => {
        counts[at] = (counts[at] ?? 0) + Number(allowed)
      })
    }
    expect(counts).toEqual([5, 5, 5])
    const neighbour = '2001:db8:1:300::1'
    expect(plain.consumeSync(keyOf(neighbour)).allowed).toBe(true)
    expect(byPolicy.consumeSync({ ip: neighbour }).allowed).toBe(true)
  })
})

describe('a hostile chain', () => {
  /** Trusts 10.0.0.0/8, and counts how many addresses it was asked about. */
  function countingTrust() {
    const [network] = compileTrustedProxies(['10.0.0.0/8'])
    const count = { asked: 0 }
    const counted = {
      prefix: network?.prefix ?? 0,
      get address() {
        count.asked++
        return network?.address ?? []
      },
    }
    return { trusted: [counted], count }
  }

  it('is read up to the 32nd item from the right, of ten thousand', () => {
    for (const { style, item } of [
      { style: forwardedStyle, item: 'for=10.0.0.2' },
      { style: forwardedForStyle, item: '10.0.0.2' },
    ]) {
      const { trusted, count } = countingTrust()
      expect(walkToClient(new Array<string>(10_000).fill(item).join(), trusted, style)).toBe('10.0.0.2')
      expect(count.asked).toBe(32)
    }
  })

  it('is not read to the left of the client, where 64 KB of anything may stand', () => {
    const addressOf = compileClientAddress({ trustedProxies: proxies })
    for (const unit of ['6', '"', '\\"', ',', ' ', ':', '[', 'for="', '10.0.0.1,']) {
      const junk = unit.repeat(65_536 / unit.length)
      const answer = addressOf(requestOf('10.0.0.1', { 'x-forwarded-for': `${junk},198.51.100.1` }))
      expect(answer).toBe('198.51.100.1')
      expect(walkToClient(`${junk},for=198.51.100.1`, compileTrustedProxies(proxies), forwardedStyle)).toBe(
        '198.51.100.1',
      )
    }
  })

  it('tells no client by one item of 64 KB', () => {
    const trusted = compileTrustedProxies(proxies)
    for (const unit of ['6', '1.', ':', '1:', '[', '%', ' ']) {
      const junk = unit.repeat(65_536 / unit.length)
      const addressOf = compileClientAddress({ trustedProxies: proxies })
      expect(addressOf(requestOf('10.0.0.1', { 'x-forwarded-for': junk }))).toBeNull()
      for (const element of [junk, `for=${junk}`, `for="${junk}"`]) {
        expect(walkToClient(element, trusted, forwardedStyle)).toBeNull()
      }
    }
  })
})
