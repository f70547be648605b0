import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ANY_CHARACTER } from '../../../limiter/test/any-character.ts'
import { quickHmac } from './quick-hmac.ts'

it('is HMAC-SHA-256, whatever the key and the message', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.oneof(
        fc.string({ unit: ANY_CHARACTER, maxLength: 200 }),
        fc.nat({ max: 4000 }).map((length) => 'é€'.repeat(length)),
      ),
      (bytes, message) => {
        const key = Buffer.from(bytes)
        expect(quickHmac(key)(message).toString('hex')).toBe(
          createHmac('sha256', key).update(message).digest('hex'),
        )
      },
    ),
    { numRuns: 50 },
  )
})
