import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ANY_CHARACTER } from '../../../../limiter/test/any-character.ts'
import { addElement, bannedNetwork, deleteElement, readSets } from './nft-elements.ts'

const SETS = { table: 'headgate', ipv4: 'banned', ipv6: 'banned6' }

describe('bannedNetwork', () => {
  it.each([
    ['192.0.2.1', { key: 'ip' }, '192.0.2.1'],
    ['192.0.2.1', { key: ['ip'] }, '192.0.2.1'],
    ['2001:db8:0:100:0:0:0:0', { key: 'ip' }, '2001:db8:0:100:0:0:0:0/56'],
    ['2001:db8:0:100:0:0:0:0', { key: 'ip', ipv6Prefix: 64 }, '2001:db8:0:100:0:0:0:0/64'],
    ['64:ff9b:0:0:0:0:c000:201', { key: 'ip' }, '64:ff9b:0:0:0:0:c000:201'],
    ['~i192.0.2.1', { key: 'user' }, '192.0.2.1'],
  ])('tells what %s of %j stands for', (key, policy, network) => {
    expect(bannedNetwork(key, policy)).toBe(network)
  })

  it.each([
    // Chosen by a client, to have somebody else banned.
    ['192.0.2.1', { key: 'user' }],
    ['192.0.2.1', { key: ['ip', 'user'] }],
    ['192.0.2.1', {}],
    ['~~i192.0.2.1', { key: 'user' }],
    ['~9:192.0.2.15:alice', { key: ['ip', 'user'] }],
    ['~g', { key: 'global' }],
    ['fe80::1%eth0', { key: 'ip' }],
    ['192.0.2.1 }; flush ruleset; #', { key: 'ip' }],
    ['192.0.2.1\nflush ruleset', { key: 'ip' }],
    ['0.0.0.0/0', { key: 'ip' }],
    ['2001:db8::', { key: 'ip', ipv6Prefix: '0 }; flush ruleset' }],
  ])('takes %j of %j for no address', (key, policy) => {
    expect(bannedNetwork(key, policy)).toBeNull()
  })

  it('lets nothing through but an address or a network, whatever keys there are', () => {
    const part = fc.constantFrom(
      '192.0.2.1',
      '::1',
      '2001:db8::',
      ' ',
      '\n',
      '}',
      ';',
      '/0',
      '%lo',
      '~i',
      ',',
      '#',
    )
    const text = fc.oneof(
      fc.string({ unit: ANY_CHARACTER }),
      fc.array(part).map((parts) => parts.join('')),
      fc.ipV6(),
    )
    fc.assert(
      fc.property(text, fc.constantFrom('ip', 'user', ['ip']), fc.anything(), (key, parts, ipv6Prefix) => {
        const network = bannedNetwork(key, { key: parts, ipv6Prefix })
        if (network === null) return
        const line = addElement(SETS, network, 1000)
        expect(line).toMatch(
          /^add element inet headgate banned6? \{ [0-9a-f.:]+(\/(3[2-9]|[4-9]\d|1[01]\d|12[0-8]))? timeout 1s \}$/i,
        )
      }),
    )
  })
})

describe('elements', () => {
  it('end when the ban does, in whole seconds', () => {
    expect(addElement(SETS, '192.0.2.1', 599_001)).toBe(
      'add element inet headgate banned { 192.0.2.1 timeout 600s }',
    )
    expect(addElement(SETS, '2001:db8:0:100:0:0:0:0/56', 1)).toBe(
      'add element inet headgate banned6 { 2001:db8:0:100:0:0:0:0/56 timeout 1s }',
    )
    expect(deleteElement(SETS, '192.0.2.1')).toBe('delete element inet headgate banned { 192.0.2.1 }')
  })

  it('go to the table and sets that were given, which have names of nft', () => {
    expect(readSets('fw', 'bad')).toEqual({ table: 'fw', ipv4: 'bad', ipv6: 'bad6' })
    for (const name of ['', 'a b', 'a;', '-f', '6a', 'a'.repeat(31)]) {
      expect(() => readSets(name, 'banned')).toThrow('is no name of nft; give --table')
      expect(() => readSets('headgate', name)).toThrow('is no name of nft; give --set')
    }
  })
})
