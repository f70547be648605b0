/** Splits a path or pattern that begins with a slash. */
export function segmentsOf(path: string): string[] {
  const segments: string[] = []
  for (let from = 0; from < path.length; ) {
    const slash = path.indexOf('/', from)
    const end = slash < 0 ? path.length : slash
    if (end > from) segments.push(path.slice(from, end))
    from = end + 1
  }
  return segments
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
