import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ANY_CHARACTER } from '../../test/any-character.ts'
import {
  type Attributes,
  attributeText,
  checkKey,
  encodeKey,
  escapeText,
  fallbackKey,
  GLOBAL_KEY,
} from './key.ts'

const LONGEST = 1_000_000
const tricky = fc.string({ unit: fc.constantFrom('~', ':', '0', '1', '2', 'g', 'i', 'a'), maxLength: 6 })
const text = fc.oneof(tricky, fc.string({ unit: ANY_CHARACTER, maxLength: 6 }))

describe('encodeKey', () => {
  it.each([
    [['alice'], 'alice'],
    [['~alice'], '~~alice'],
    [['~'], '~~'],
    [['~g'], '~~g'],
    [['a:b', 'c'], '~3:a:b1:c'],
    [['a', 'b:c'], '~1:a3:b:c'],
    [['', 'a'], '~0:1:a'],
    [['a', ''], '~1:a0:'],
    [['a', 'b', 'c'], '~1:a1:b1:c'],
  ])('writes %j as %j', (parts, key) => {
    expect(encodeKey(parts)).toBe(key)
  })

  it('gives no two identities of one shape or another the same key', () => {
    const identity = fc.array(text, { minLength: 1, maxLength: 3 })
    fc.assert(
      fc.property(identity, identity, (one, other) => {
        fc.pre(JSON.stringify(one) !== JSON.stringify(other))
        expect(encodeKey(one)).not.toBe(encodeKey(other))
      }),
      { numRuns: 3000 },
    )
  })

  it('can be read back, so nothing is lost', () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 2, maxLength: 4 }), (parts) => {
        expect(decoded(encodeKey(parts))).toEqual(parts)
      }),
    )
  })

  it('keeps the keys of everybody and of addresses for themselves', () => {
    const key = fc.oneof(text.map(escapeText), fc.array(text, { minLength: 1, maxLength: 3 }).map(encodeKey))
    fc.assert(
      fc.property(key, text, (one, ip) => {
        expect(one).not.toBe(GLOBAL_KEY)
        expect(one).not.toBe(fallbackKey(ip))
        expect(fallbackKey(ip)).not.toBe(GLOBAL_KEY)
      }),
    )
  })
})

describe('checkKey', () => {
  it.each(['a', ' ', '\0', '\n', '{}', '\ud800', '__proto__', 'x'.repeat(LONGEST)])(
    'takes a text as it is',
    (key) => {
      expect(checkKey(key)).toBe(key)
    },
  )

  it.each([
    ['', '""'],
    [undefined, 'undefined'],
    [null, 'null'],
    [5, '5'],
    [{ $gt: '' }, 'an object'],
    [['a'], 'an array'],
    ['x'.repeat(LONGEST + 1), 'a key of 1000001 characters'],
  ])('refuses what is no text, empty or too long', (key, shown) => {
    expect(() => checkKey(key)).toThrow(
      expect.objectContaining({
        code: 'invalid-key',
        message: `${shown} is not a key; pass a text of 1 to 1000000 characters`,
      }),
    )
  })
})

describe('attributeText', () => {
  it.each<[Attributes, string | undefined]>([
    [{ user: 'alice' }, 'alice'],
    [{ user: 42 }, '42'],
    [{ user: 0 }, '0'],
    [{ user: -7 }, '-7'],
    [{ user: '' }, undefined],
    [{ user: undefined }, undefined],
    [{ user: null as never }, undefined],
    [{}, undefined],
    [{ user: '0' }, '0'],
  ])('of %j is %j', (attributes, expected) => {
    expect(attributeText(attributes, 'user')).toBe(expected)
  })

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'finds %s only where it is given',
    (name) => {
      expect(attributeText({}, name)).toBeUndefined()
      expect(attributeText(JSON.parse(`{"${name}":"x"}`), name)).toBe('x')
    },
  )

  it.each([
    [{ $gt: '' }, 'an object'],
    [['a', 'b'], 'an array'],
    [1.5, '1.5'],
    [Number.NaN, 'NaN'],
    [2 ** 53, '9007199254740992'],
    [true, 'true'],
    [5n, '5n'],
  ])('refuses a value that is neither text nor whole number', (value, shown) => {
    expect(() => attributeText({ user: value } as never, 'user')).toThrow(
      expect.objectContaining({
        code: 'invalid-key',
        message: `attribute user is ${shown}; pass a text or a whole number`,
      }),
    )
  })

  it('refuses a text that is too long for a key', () => {
    expect(() => attributeText({ user: 'x'.repeat(LONGEST + 1) }, 'user')).toThrow(
      expect.objectContaining({ code: 'invalid-key' }),
    )
  })
})

function decoded(key: string): string[] {
  const parts: string[] = []
  for (let at = 1; at < key.length; ) {
    const colon = key.indexOf(':', at)
    const end = colon + 1 + Number(key.slice(at, colon))
    parts.push(key.slice(colon + 1, end))
    at = end
  }
  return parts
}
