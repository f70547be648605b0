import fc from 'fast-check'

const SURROGATES = { from: 0xd800, count: 0x800 } as const
const LAST = 0x10ffff

/**
 * Any character of Unicode, as the unit of `fc.string`: what `unit: 'binary'` is, which takes a second of each test file to list them all.
 */
export const ANY_CHARACTER: fc.Arbitrary<string> = fc
  .integer({ min: 0, max: LAST - SURROGATES.count })
  .map((nth) => String.fromCodePoint(nth < SURROGATES.from ? nth : nth + SURROGATES.count))
