import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Attributes } from '../core/key.ts'
import { compileMatch } from './matcher.ts'
import { RequestAttributes } from './request-attributes.ts'
import { compilePatterns, readRequest } from './request-reading.ts'

describe('compilePatterns', () => {
  it('says of each pattern what a match of it alone says', () => {
    const cases = fc.oneof(
      fc.record({
        attribute: fc.constant('ip'),
        patterns: fc.array(
          fc.constantFrom('*', '10.0.0.0/8', '10.1.0.0/16', '10.1.2.3', '::/0', 'fe80::/10'),
        ),
        value: fc.constantFrom('10.1.2.3', '::ffff:10.1.9.9', '192.0.2.1', 'fe80::1', ''),
      }),
      fc.record({
        attribute: fc.constant('path'),
        patterns: fc.array(fc.constantFrom('/**', '/a', '/a/*', '/a/', '/%61')),
        value: fc.constantFrom('/a', '/a/b', '/b', '//a/', ''),
      }),
      fc.record({
        attribute: fc.constant('user'),
        patterns: fc.array(fc.constantFrom('*', 'a', 'a*', '*b', 'a*b')),
        value: fc.constantFrom('a', 'ab', 'b', 'c', ''),
      }),
    )
    fc.assert(
      fc.property(cases, ({ attribute, patterns, value }) => {
        const attributes: Attributes = { [attribute]: value }
        const alone = patterns.flatMap((pattern, i) =>
          compileMatch({ [attribute]: pattern }, 'm').test(new RequestAttributes(attributes)) ? [i] : [],
        )
        expect(compilePatterns(attribute, patterns)(attributes)).toEqual(alone)
      }),
      { numRuns: 500 },
    )
  })

  it('refuses what is no pattern', () => {
    expect(() => compilePatterns('ip', ['10.0.0.0/99'])).toThrow(
      expect.objectContaining({ code: 'invalid-options', path: 'ip' }),
    )
  })
})

describe('readRequest', () => {
  it('has one text for all spellings, and the network of an address in a key', () => {
    const reading = readRequest({ ip: '2001:DB8:0:1ff::1', path: '//a/./b?c', user: 7, role: '' })
    expect(reading.text('ip')).toBe('2001:db8:0:1ff:0:0:0:1')
    expect(reading.keyText('ip')).toBe('2001:db8:0:100:0:0:0:0')
    expect(reading.text('path')).toBe('/a/b')
    expect(reading.text('user')).toBe('7')
    expect(reading.text('role')).toBeUndefined()
    expect(readRequest('plain').text('key')).toBe('plain')
  })
})
