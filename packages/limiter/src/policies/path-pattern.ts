/**
 * Normalises a path for matching (RFC 3986, section 6.2.2): drops query, fragment and trailing slash, decodes unreserved
 * characters, encodes stray percent signs and what is not ASCII, merges slashes and removes dot segments. Case is kept.
 */
export function normalizePath(path: string): string {
  const end = path.search(/[?#]/)
  const bare = end < 0 ? path : path.slice(0, end)
  const ascii = bare.replace(/[^\0-\x7f]+/g, (text) => encodeURIComponent(text.toWellFormed()))
  const decoded = ascii.includes('%') ? ascii.replace(/%([0-9a-f]{2})?/gi, decodeUnreserved) : ascii
  const kept: string[] = []
  for (const segment of decoded.split('/')) {
    if (segment === '' || segment === '.') continue
    if (segment === '..') kept.pop()
    else kept.push(segment)
  }
  return `/${kept.join('/')}`
}

/** A percent sign without two hexadecimal digits becomes `%25`, so that decoding what follows cannot complete a triplet. */
function decodeUnreserved(triplet: string, digits: string | undefined): string {
  if (!digits) return '%25'
  const char = String.fromCharCode(Number(`0x${digits}`))
  return /[A-Za-z0-9._~-]/.test(char) ? char : triplet.toUpperCase()
}

/** Splits a path or pattern that begins with a slash. */
export function segmentsOf(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '')
}

/** More than any pattern has segments. */
const SEGMENTS_MAX = 0xffff

/**
 * How specific a pattern is, as a number to compare: the one with more literal segments is more specific; of two with as
 * many, the one with more `*`; then the one with fewer `**`. So a pattern that takes fewer paths than another is always
 * the more specific one. `/a/b` > `/a/*` > `/a` > `/a/**` > `/**`.
 */
export function specificity(pattern: string): number {
  const segments = segmentsOf(pattern)
  const count = (isCounted: (segment: string) => boolean): number =>
    Math.min(SEGMENTS_MAX, segments.filter(isCounted).length)
  // Of several `**` with only stars between them, the others take nothing that the first does not.
  const runs = segments.join('/').split(/(?:^|\/)[^*/]+(?=\/|$)/)
  const any = runs.filter((stars) => stars.includes('**')).length
  const one = count((segment) => segment === '*')
  const literal = count((segment) => !segment.startsWith('*'))
  return (literal * (SEGMENTS_MAX + 1) + one) * (SEGMENTS_MAX + 1) + SEGMENTS_MAX - any
}
