import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ANY_CHARACTER } from '../../test/any-character.ts'
import { normalizeKey } from './normalize-key.ts'

const text = fc.string({
  unit: fc.constantFrom(...'aZßẞſKİıΣςσﬁｂ＠1é', 'e\u0301', ' ', '\u3000', '\u200b', '\ud800'),
})

describe('normalizeKey', () => {
  it('makes one text of the spellings of one', () => {
    const spelled = fc.constantFrom<(given: string) => string>(
      (given) => given.toUpperCase(),
      (given) => given.toLowerCase(),
      (given) => given.normalize('NFD'),
      (given) => given.normalize('NFKC'),
      (given) => ` ${given}\t`,
      (given) => `\u200b${given}\ufeff`,
      (given) => given.replaceAll(' ', ' \u3000 '),
    )
    fc.assert(
      fc.property(text, fc.array(spelled, { maxLength: 4 }), (given, spellings) => {
        const other = spellings.reduce((known, spell) => spell(known), given)
        expect(normalizeKey(other)).toBe(normalizeKey(given))
      }),
    )
  })

  it('changes nothing of what it made, whatever that is', () => {
    fc.assert(
      fc.property(fc.string({ unit: ANY_CHARACTER }), (given) => {
        const once = normalizeKey(given)
        expect(normalizeKey(once)).toBe(once)
      }),
    )
  })

  it.each([
    ['Zoë@Example.ORG', 'zoë@example.org'],
    ['ＢＯＢ＠x.org', 'bob@x.org'],
    ['STRASSE', normalizeKey('straße')],
    ['ΟΔΟΣ', normalizeKey('οδος')],
    ['a\ud800', 'a\ud800'],
    ['\ud800', '\ud800'],
    ['bob.smith+tag@x.org', 'bob.smith+tag@x.org'],
    ['', undefined],
    [' \u200b\u3000', undefined],
    [undefined, undefined],
    [null, undefined],
  ])('makes %j %j', (given, expected) => {
    expect(normalizeKey(given)).toBe(expected)
  })

  it.each([[['a@x.org']], [{ $gt: '' }], [7], [true]])('refuses %j', (given) => {
    expect(() => normalizeKey(given as never)).toThrow(expect.objectContaining({ code: 'invalid-key' }))
  })
})
