import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ANY_CHARACTER } from '../../../limiter/test/any-character.ts'
import { briefText, visibleText } from './visible-text.ts'

describe('a text of a client', () => {
  it.each([
    ['alice', 'alice'],
    ['Ana María, 東京, عربى 🙂', 'Ana María, 東京, عربى 🙂'],
    ['', '(empty)'],
    [' ', '\\u{20}'],
    ['a  b ', 'a \\u{20}b\\u{20}'],
    ['alice\u200b', 'alice\\u{200b}'],
    ['\u202eecila', '\\u{202e}ecila'],
    ['a\u0000\n\u00a0b', 'a\\u{0}\\u{a}\\u{a0}b'],
    ['\u3164', '\\u{3164}'],
    ['\ud800', '\\u{d800}'],
    ['Z\u0351\u0352\u0353', 'Z\u0351\u0352\\u{353}'],
  ])('%j is shown as %j', (text, shown) => {
    expect(visibleText(text)).toBe(shown)
  })

  it('is never blank, and has no character that moves others', () => {
    fc.assert(
      fc.property(fc.string({ unit: ANY_CHARACTER }), (text) => {
        const shown = visibleText(text)
        expect(shown.trim()).not.toBe('')
        expect(shown).not.toMatch(/[\p{Cc}\p{Cf}]/u)
      }),
      { numRuns: 30 },
    )
  })
})

describe('a text for a list', () => {
  it('is whole, or else has its beginning and its end in a hundred letters', () => {
    expect(briefText('a'.repeat(100))).toBe('a'.repeat(100))
    expect(briefText(`${'a'.repeat(150)}…96dc117c37ec`)).toBe(`${'a'.repeat(87)}…96dc117c37ec`)
  })
})
