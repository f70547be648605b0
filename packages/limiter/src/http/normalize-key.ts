import { wrongKey } from '../core/errors.ts'

/**
 * One text for all spellings of an e-mail or a user name that logins take for the same: without regard to case, to blanks around
 * it (those inside are one), to the Unicode form, and to characters that are not seen. Undefined for nothing and for blanks, so
 * that the request falls back to its address. Anything but a text throws `invalid-key`.
 *
 * It is meant to join more than the login does, never less: of `Bob@x.org`, ` bob@x.org` and full-width `ｂｏｂ＠x.org` each
 * would otherwise have guesses of its own at one password. Without it keys are compared as they are.
 *
 * ```
 * normalizeKey(' Zoe\u0308@Example.ORG ')   // 'zoë@example.org', in which ë is one character
 * ```
 */
export function normalizeKey(text: string | null | undefined): string | undefined {
  if (text === undefined || text === null) return undefined
  if (typeof text !== 'string') throw wrongKey(text, 'is no text; pass one such as an e-mail')
  // By way of the upper case: it joins what has one but not the same lower case, as ß and ss, σ and ς. That of ẞ is itself.
  const folded = compatible(compatible(text).toLowerCase().toUpperCase().toLowerCase())
  return folded.replaceAll(/\s+/g, ' ').trim() || undefined
}

/** NFKC, not NFC: logins that join full-width letters exist, and none tells them apart on purpose (UAX #15, RFC 8265). */
function compatible(text: string): string {
  return text.replaceAll(/\p{Default_Ignorable_Code_Point}+/gu, '').normalize('NFKC')
}
