import { BlockList, isIP } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  formatAddress,
  isCanonicalIpv4,
  isInNetwork,
  parseAddress,
  parseNetwork,
} from '../../src/core/address.ts'

const text = (given: string): string | null => {
  const address = parseAddress(given)
  return address === null ? null : formatAddress(address)
}

describe('parseAddress', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['192.0.2.1:443', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::ffff:c000:201', '192.0.2.1'],
    ['0:0:0:0:0:FFFF:c000:0201', '192.0.2.1'],
    ['[::ffff:192.0.2.1]:443', '192.0.2.1'],
    ['2001:DB8::1', '2001:db8:0:0:0:0:0:1'],
    ['[2001:db8::1]', '2001:db8:0:0:0:0:0:1'],
    ['2001:db8::1%eth0', '2001:db8:0:0:0:0:0:1'],
    ['[fe80::1%en0]:80', 'fe80:0:0:0:0:0:0:1'],
    ['64:ff9b::192.0.2.33', '64:ff9b:0:0:0:0:c000:221'],
    ['::', '0:0:0:0:0:0:0:0'],
    ['1::', '1:0:0:0:0:0:0:0'],
    [' 192.0.2.1', '192.0.2.1'],
    ['192.0.2.1\n', '192.0.2.1'],
  ])('reads %s as %s', (given, expected) => {
    expect(text(given)).toBe(expected)
  })

  it.each([
    '',
    '10',
    '1.2.3',
    '1.2.3.256',
    '01.2.3.4',
    '1.2.3.4.5',
    '0x7f.0.0.1',
    '[1.2.3.4]',
    ':::',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1::2::3',
    '12345::',
    '::1.2.3.4:5',
    '1.2.3.4::',
    '[::1',
    '::1%',
    'localhost',
    '::g',
  ])('refuses %j', (given) => {
    expect(parseAddress(given)).toBeNull()
  })

  it('has nothing to do for IPv4 in its canonical spelling, and for that alone', () => {
    const octet = fc.oneof(fc.nat(300).map(String), fc.constantFrom('00', '01', '', ' 1', '1\n', 'a'))
    const some = fc.array(octet, { minLength: 3, maxLength: 5 }).map((octets) => octets.join('.'))
    fc.assert(
      fc.property(fc.oneof(some, fc.ipV4(), fc.ipV6()), (given) => {
        expect(isCanonicalIpv4(given)).toBe(isIP(given) === 4 && text(given) === given)
      }),
    )
  })

  it('takes what Node takes, and nothing else', () => {
    const letter = fc.constantFrom('0', '1', 'a', 'f', 'ff', ':', '::', '.', '1.2.3.4', '255', 'ffff')
    fc.assert(
      fc.property(fc.array(letter, { maxLength: 14 }), (letters) => {
        const given = letters.join('')
        // A port is ours to strip.
        fc.pre(!/^[\d.]+:/.test(given))
        expect(parseAddress(given) !== null).toBe(isIP(given) !== 0)
      }),
      { numRuns: 5000 },
    )
  })

  it('reads each address back from its own text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (given) => {
        const once = text(given)
        expect(text(once as string)).toBe(once)
      }),
    )
  })
})

describe('networks', () => {
  it('hold what Node says they hold', () => {
    const seen = { in: 0, out: 0 }
    const pair = fc.oneof(
      fc.record({ network: fc.ipV4(), address: fc.ipV4(), bits: fc.nat(32), flip: fc.nat(31) }),
      fc.record({ network: fc.ipV6(), address: fc.ipV6(), bits: fc.nat(128), flip: fc.nat(127) }),
    )
    fc.assert(
      fc.property(pair, ({ network, address, bits }) => {
        const list = new BlockList()
        const family = isIP(network) === 4 ? 'ipv4' : 'ipv6'
        list.addSubnet(network, bits, family)
        const compiled = parseNetwork(`${network}/${bits}`)
        for (const one of [address, network]) {
          const parsed = parseAddress(one)
          if (compiled === null || parsed === null) throw new Error(`${network} or ${one} is refused`)
          // Node compares mapped addresses as they are; to us they are IPv4.
          if (parsed.length !== compiled.address.length) continue
          const holds = isInNetwork(parsed, compiled)
          seen[holds ? 'in' : 'out']++
          expect(holds).toBe(list.check(one, family))
        }
      }),
      { numRuns: 2000 },
    )
    expect(Math.min(seen.in, seen.out)).toBeGreaterThan(500)
  })

  it.each([
    ['10.0.0.0/8', '10.255.0.1', true],
    ['10.0.0.0/8', '11.0.0.1', false],
    ['10.0.0.0/8', '::ffff:10.0.0.1', true],
    ['::ffff:10.0.0.0/104', '10.9.9.9', true],
    ['0.0.0.0/0', '203.0.113.7', true],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['2001:db8::/33', '2001:db8:7fff::1', true],
    ['2001:db8::/33', '2001:db8:8000::1', false],
    ['192.0.2.1', '192.0.2.1', true],
    ['192.0.2.1', '192.0.2.2', false],
  ])('%s, asked for %s: %s', (network, address, expected) => {
    expect(isInNetwork(parseAddress(address) as number[], parseNetwork(network) as never)).toBe(expected)
  })

  it.each([
    '10.0.0.0/33',
    '::/129',
    '10.0.0.0/',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    '::ffff:1.2.3.4/95',
    '/8',
    'a/8',
  ])('are refused: %s', (given) => {
    expect(parseNetwork(given)).toBeNull()
  })
})
