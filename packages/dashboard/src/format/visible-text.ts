/** Texts of clients as people can tell them apart. */

/**
 * What nobody sees, or what changes how the text beside it looks: controls and marks of direction, blanks that are not single ones
 * within, letters without a shape, more than two accents on one letter.
 */
const UNSEEN =
  /[\p{C}\p{Zl}\p{Zp}\u115f\u1160\u2800\u3164\uffa0]|(?! )\p{Zs}|^ | $|(?<= ) |(?<=\p{M}\p{M})\p{M}/gu

/** A text with each such character by its number: two that differ look different, and none is blank. */
export function visibleText(text: string): string {
  if (text === '') return '(empty)'
  return text.replace(UNSEEN, (one) => `\\u{${one.codePointAt(0)?.toString(16)}}`)
}

const BRIEF_MAX = 100
/** As much as tells texts apart that differ at their ends. */
const END = 12

/** A text for a list, where one may not push all others away: its beginning and its end. */
export function briefText(text: string, max: number = BRIEF_MAX): string {
  return text.length <= max ? text : `${text.slice(0, max - END - 1)}…${text.slice(-END)}`
}
