import { escapeMarkup } from '../../service/escape-markup.ts'

/** What turns the order of text round, or is not seen at all. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu

/** A text of a log as one of a page: nothing in it is markup, and nothing in it is hidden. */
export function escapeHtml(text: string | number): string {
  const seen = String(text).replaceAll(
    UNSEEN,
    (found) => `\\u${(found.codePointAt(0) as number).toString(16).padStart(4, '0')}`,
  )
  return escapeMarkup(seen)
}
