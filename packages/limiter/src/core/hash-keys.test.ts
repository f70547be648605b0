import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileHashKeys, HashedKeys, type HashKeysOptions } from './hash-keys.ts'
import { encodeKey, fallbackKey, GLOBAL_KEY } from './key.ts'

const SECRET = 'a secret of a test, 32 bytes long'
const text = fc
  .uint16Array({ minLength: 1, maxLength: 40 })
  .map((units) => String.fromCharCode(...units))
  .filter((one) => one !== '')
const identity = fc.oneof(
  fc.record({ form: fc.constant('parts'), parts: fc.array(text, { minLength: 1, maxLength: 3 }) }),
  fc.record({ form: fc.constant('fallback'), parts: fc.tuple(text) }),
)

function encoded({ form, parts }: { form: string; parts: readonly string[] }): string {
  return form === 'parts' ? encodeKey(parts) : fallbackKey(parts[0] as string)
}

describe('a hashed key', () => {
  it('is the same for one identity alone, whatever form its key has', () => {
    const keys = new HashedKeys(SECRET)
    fc.assert(
      fc.property(identity, identity, (a, b) => {
        const isSame = JSON.stringify(a) === JSON.stringify(b)
        expect(keys.of(encoded(a)) === keys.of(encoded(b))).toBe(isSame)
      }),
    )
  })

  it('has a form that no plain key has', () => {
    const keys = new HashedKeys(SECRET)
    fc.assert(
      fc.property(identity, (one) => {
        const plain = encoded(one)
        expect(plain.startsWith('~h')).toBe(false)
        expect(keys.of(plain)).toMatch(/^~h[\w-]{24}$/)
        // Also of who names himself after the hash of somebody else.
        expect(encodeKey([keys.of(plain)])).not.toBe(keys.of(plain))
      }),
    )
  })

  it('is 144 bits of HMAC-SHA-256, the same in every process and with a secret as text or as bytes', () => {
    const derived = createHmac('sha256', SECRET).update('headgate keys 1').digest()
    const expected = createHmac('sha256', derived).update('alice').digest().subarray(0, 18)
    for (const secret of [SECRET, Buffer.from(SECRET)]) {
      expect(new HashedKeys(secret).of('alice')).toBe(`~h${expected.toString('base64url')}`)
    }
    expect(new HashedKeys(`${SECRET}.`).of('alice')).not.toBe(`~h${expected.toString('base64url')}`)
  })

  it('stays the same while others are asked for, however many', () => {
    const keys = new HashedKeys(SECRET)
    const first = keys.of('alice')
    for (let n = 0; n < 10_000; n++) keys.of(`user${n}`)
    expect(keys.of('alice')).toBe(first)
  })

  it('is not made of the key of everybody', () => {
    expect(new HashedKeys(SECRET).of(GLOBAL_KEY)).toBe(GLOBAL_KEY)
  })
})

describe('the option', () => {
  it('takes a secret of 32 bytes or more, and is left out where keys stay readable', () => {
    expect(compileHashKeys(undefined, 'options.hashKeys')).toBeNull()
    for (const secret of ['é'.repeat(16), new Uint8Array(32)]) {
      expect(compileHashKeys({ secret }, 'options.hashKeys')).toBeInstanceOf(HashedKeys)
    }
  })

  it.each([{ secret: 'too short to be one' }, { secret: new Uint8Array(31) }, { secret: 7 }, {}, true, null])(
    'refuses %j, and says no secret',
    (given) => {
      const compile = (): unknown => compileHashKeys(given as HashKeysOptions, 'options.hashKeys')
      expect(compile).toThrow('options.hashKeys')
      expect(compile).not.toThrow('too short to be one')
    },
  )
})
