import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DescriptorEntry } from '../core/key.ts'
import type { Match, PolicyOptions } from '../core/policy-options.ts'
import { compileMatch } from './matcher.ts'
import { PolicySet } from './policy-set.ts'
import { RequestAttributes } from './request-attributes.ts'

const entries = (...pairs: [key: string, value: string | number][]): DescriptorEntry[] =>
  pairs.map(([key, value]) => ({ key, value }))
const acme = entries(['tenant', 'acme'], ['route', '/x'])
const meets = (match: Match, descriptor: unknown): boolean =>
  compileMatch(match, 'match').test(new RequestAttributes({ descriptor } as never))

describe('a match on the descriptor', () => {
  it.each<[Match[string], DescriptorEntry[] | undefined, boolean]>([
    [['tenant', 'route'], acme, true],
    [['route', 'tenant'], acme, false],
    [['tenant'], acme, false],
    [['tenant', 'route', 'method'], acme, false],
    [['tenant', 'route'], entries(['tenant', 'acme'], ['route', '']), true],
    [['tenant', 'route'], [], false],
    [['tenant', 'route'], undefined, false],
    [[{ tenant: 'acme' }, 'route'], acme, true],
    [[{ tenant: 'other' }, 'route'], acme, false],
    [[{ tenant: ['other', 'ac*'] }, { route: '/*' }], acme, true],
    [[{ tenant: 'acme' }, { route: '*' }], entries(['tenant', 'acme'], ['route', '']), false],
    [[{ port: 80 }], entries(['port', 80]), true],
    [['k', { k: 'b' }], entries(['k', 'a'], ['k', 'b']), true],
    [['k', { k: 'a' }], entries(['k', 'a'], ['k', 'b']), false],
    [['*'], entries(['tenant', 'acme']), false],
    [['*'], entries(['*', 'acme']), true],
  ])('%j meets %j: %s', (pattern, descriptor, expected) => {
    expect(meets({ descriptor: pattern }, descriptor)).toBe(expected)
  })

  it('holds together with other attributes, and entries are attributes by their keys', () => {
    const request = new RequestAttributes({ descriptor: acme, method: 'GET' })
    expect(compileMatch({ 'descriptor.tenant': 'ac*', method: 'GET' }, 'match').test(request)).toBe(true)
    expect(compileMatch({ descriptor: ['tenant', 'route'], method: 'PUT' }, 'match').test(request)).toBe(
      false,
    )
    expect(request.text('descriptor.route')).toBe('/x')
    expect(request.text('descriptor.other')).toBeUndefined()
  })

  it('is met by no flat attribute that is named like an entry', () => {
    const forged = new RequestAttributes({ 'descriptor.tenant': 'acme', 'descriptor\x000': 'acme' })
    expect(compileMatch({ 'descriptor.tenant': 'acme' }, 'match').test(forged)).toBe(false)
    const request = new RequestAttributes({ descriptor: entries(['tenant', 'b']), 'descriptor\x000': 'acme' })
    expect(compileMatch({ descriptor: [{ tenant: 'acme' }] }, 'match').test(request)).toBe(false)
  })

  it.each<[unknown, string]>([
    ['tenant', 'm.descriptor: "tenant" is not a list of entries; write [tenant, route]'],
    [[], 'm.descriptor: an array is not a list of entries'],
    [['a', ''], 'm.descriptor[1]: "" is not an entry; write its key, or { key: value }'],
    [['a', 7], 'm.descriptor[1]: 7 is not an entry'],
    [[{}], 'm.descriptor[0]: an object is not an entry'],
    [[{ a: 1, b: 2 }], 'm.descriptor[0]: an object is not an entry'],
    [[{ a: [] }], 'm.descriptor[0].a: an array cannot be matched'],
  ])('refuses %j', (descriptor, message) => {
    expect(() => compileMatch({ descriptor } as never, 'm')).toThrow(message)
  })

  it.each([
    ['acme'],
    [7],
    [[['tenant', 'acme']]],
    [[{ key: 'a' }]],
    [[{ key: '', value: 'x' }]],
    [[null]],
    [{}],
  ])('refuses a request whose descriptor is %j', (descriptor) => {
    expect(() => meets({ descriptor: ['a'] }, descriptor)).toThrow(
      expect.objectContaining({
        code: 'invalid-key',
        message: expect.stringContaining('attribute descriptor has'),
      }),
    )
  })
})

describe('keys of a descriptor', () => {
  const rules = ['9/s']
  const keyOf = (key: string, descriptor: readonly DescriptorEntry[]): string | undefined => {
    const policies: PolicyOptions[] = [{ name: 'p', key, rules, missing: 'skip' }]
    return new PolicySet({ policies }, { custom: new Map() }).match({ descriptor }, {}).keys[0]?.key
  }

  it('are those of one entry', () => {
    expect(keyOf('descriptor.tenant', acme)).toBe('acme')
    expect(keyOf('descriptor.user', acme)).toBeUndefined()
  })

  it('or of all of it, and then no two descriptors have the same (G11)', () => {
    const text = fc.stringMatching(/^["\\,a[\]]{1,3}$/)
    const descriptor = fc.array(fc.record({ key: text, value: text }), { minLength: 1, maxLength: 3 })
    fc.assert(
      fc.property(descriptor, descriptor, (one, other) => {
        const isSame = JSON.stringify(one) === JSON.stringify(other)
        expect(keyOf('descriptor', one) === keyOf('descriptor', other)).toBe(isSame)
      }),
    )
  })
})
