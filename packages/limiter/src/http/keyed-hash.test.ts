import { createHash, createHmac } from 'node:crypto'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { keyedHash, sha256 } from './keyed-hash.ts'

it('is HMAC-SHA-256 as node:crypto has it, of texts and secrets of any length', () => {
  const text = fc.uint16Array({ maxLength: 200 }).map((units) => String.fromCharCode(...units))
  fc.assert(
    fc.property(text, text, (secret, message) => {
      const expected = createHmac('sha256', secret).update(message).digest('hex')
      expect(Buffer.from(keyedHash(secret)(message)).toString('hex')).toBe(expected)
    }),
  )
})

it('is the same for all lengths around the ends of blocks', () => {
  const hash = keyedHash('a secret of a test')
  for (let length = 0; length <= 200; length++) {
    const message = 'x'.repeat(length)
    const expected = createHmac('sha256', 'a secret of a test').update(message).digest('hex')
    expect(Buffer.from(hash(message)).toString('hex')).toBe(expected)
  }
})

it('is SHA-256 without a secret, also of a lone surrogate, which UTF-8 writes as the replacement character', () => {
  const text = fc.uint16Array({ maxLength: 200 }).map((units) => String.fromCharCode(...units))
  fc.assert(
    fc.property(text, (message) => {
      const expected = createHash('sha256').update(message).digest('hex')
      expect(Buffer.from(sha256(message)).toString('hex')).toBe(expected)
    }),
  )
})
