import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLimiter } from '../create-limiter.ts'
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
      fc.property(fc.string({ unit: 'binary' }), (given) => {
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

  it('gives five spellings of an e-mail five guesses in all, where bytes give each its own', () => {
    const emails = ['zoë@x.org', 'Zoë@x.org', ' zoë@x.org', 'ZOË@X.ORG ', 'zoe\u0308@x.org']
    const guesses = (keyOf: (email: string) => string): number => {
      const login = createLimiter({ limit: '5/15m' })
      const all = emails.flatMap((email) => new Array<string>(5).fill(email))
      return all.filter((email) => login.consumeSync(keyOf(email)).allowed).length
    }
    expect(guesses((email) => normalizeKey(email) ?? '')).toBe(5)
    expect(guesses((email) => email)).toBe(25)
  })
})
