import { createHash, createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ANY_CHARACTER } from '../../test/any-character.ts'
import { keyedHash, sha256 } from './keyed-hash.ts'

const anyText = fc.uint16Array({ maxLength: 400 }).map((units) => String.fromCharCode(...units))
const whole = fc.string({ unit: ANY_CHARACTER, maxLength: 400 })

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

describe('a keyed hash', () => {
  it('is HMAC-SHA-256 as node:crypto has it, of texts and secrets of any length', () => {
    fc.assert(
      fc.property(whole, whole, (secret, message) => {
        const expected = createHmac('sha256', secret).update(message).digest('hex')
        expect(hex(keyedHash(secret)(message))).toBe(expected)
      }),
    )
  })

  it('is the same of bytes', () => {
    const bytes = fc.uint8Array({ maxLength: 300 })
    fc.assert(
      fc.property(bytes, bytes, (secret, message) => {
        const expected = createHmac('sha256', secret).update(message).digest('hex')
        expect(hex(keyedHash(secret)(message))).toBe(expected)
      }),
    )
  })

  it('is the same for all lengths around the ends of blocks', () => {
    const hash = keyedHash('a secret of a test')
    for (let length = 0; length <= 200; length++) {
      const message = 'x'.repeat(length)
      const expected = createHmac('sha256', 'a secret of a test').update(message).digest('hex')
      expect(hex(hash(message))).toBe(expected)
    }
  })

  it('stays as it is once it was given out', () => {
    const hash = keyedHash('a secret of a test')
    const first = hash('a')
    const before = hex(first)
    hash('b')
    sha256('c')
    expect(hex(first)).toBe(before)
  })

  it('tells lone surrogates apart, which UTF-8 writes as one replacement character', () => {
    const hash = keyedHash('a secret of a test')
    const texts = ['\ud800', '\ud801', '\udc00', '\ufffd', '\ud800a', '\udc00\ud800', '\ud800\udc00']
    expect(new Set(texts.map((text) => hex(hash(text)))).size).toBe(texts.length)
  })
})

it('is SHA-256 without a secret, of a lone surrogate as UTF-8 writes it', () => {
  fc.assert(
    fc.property(anyText, (message) => {
      const expected = createHash('sha256').update(message).digest('hex')
      expect(hex(sha256(message))).toBe(expected)
    }),
  )
})
