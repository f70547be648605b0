import fc from 'fast-check'
import type { Receipt } from 'headgate'
import { expect, it } from 'vitest'
import { ANY_CHARACTER } from '../../../../limiter/test/any-character.ts'
import { receiptOf, receiptText } from './compact.ts'

const text = fc.string({ unit: ANY_CHARACTER, maxLength: 20 })
const whole = fc.maxSafeInteger()

const entry = fc.record({
  origin: fc
    .record({
      policy: text,
      override: fc.integer({ min: -1 }),
      limit: fc.constant([]),
      rules: fc.array(text),
    })
    .map((origin) => Object.freeze(origin)),
  key: text,
  cost: whole,
  fallbackId: fc.option(text),
  numbers: fc.array(whole),
})

const receipt: fc.Arbitrary<Receipt> = fc
  .record({ first: entry, others: fc.array(entry, { maxLength: 2 }), process: text, spend: whole })
  .map(({ first, ...rest }) => ({ ...first, ...rest }))

it('writes a receipt as JSON that is read as it was, with its domain', () => {
  fc.assert(
    fc.property(receipt, fc.option(text, { nil: undefined }), (given, domain) => {
      const written = receiptText(given, domain)
      const { domain: read, receipt: other } = receiptOf(written)
      expect(other).toEqual(given)
      expect(read).toBe(domain)
      // Of one entry as of several: no blank, no other spelling.
      expect(written).toBe(JSON.stringify(JSON.parse(written)))
      expect(receiptText(given, domain)).toBe(written)
    }),
  )
})
