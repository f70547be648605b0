/** What a text has that cannot stand in JSON as it is, or might not. Most have nothing of it, which is found faster than JSON is made. */
const SPECIAL = /["\\]|[^\x20-\x7e]/
/** What JSON lets stand, and terminals and readers of lines act upon: DEL, the second set of control characters, two ends of lines. */
const LEFT_BY_JSON = /[\x7f-\x9f\u2028\u2029]/g

/** A value as JSON without any control character: whatever texts it has, they stay within their line and move no cursor. */
export function quoted(value: unknown): string {
  if (typeof value === 'string' && !SPECIAL.test(value)) return `"${value}"`
  return JSON.stringify(value).replace(LEFT_BY_JSON, escaped)
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
