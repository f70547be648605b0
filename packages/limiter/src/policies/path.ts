/**
 * The form of a path that policies are matched against: without query and fragment, unreserved characters decoded,
 * stray percent signs encoded, slashes merged and dot segments removed, as RFC 3986 section 6.2.2 has it; no trailing
 * slash. Case is kept.
 */
export function normalizePath(path: string): string {
  const end = path.search(/[?#]/)
  const bare = end < 0 ? path : path.slice(0, end)
  const decoded = bare.includes('%') ? bare.replace(/%([0-9a-f]{2})?/gi, decodeUnreserved) : bare
  const kept: string[] = []
  for (const segment of decoded.split('/')) {
    if (segment === '' || segment === '.') continue
    if (segment === '..') kept.pop()
    else kept.push(segment)
  }
  return `/${kept.join('/')}`
}

/** A percent sign that begins no triplet is one that lacks its escape, lest what is decoded behind it makes it one. */
function decodeUnreserved(triplet: string, digits: string | undefined): string {
  if (!digits) return '%25'
  const char = String.fromCharCode(Number(`0x${digits}`))
  return /[A-Za-z0-9._~-]/.test(char) ? char : triplet.toUpperCase()
}

/** Whether the segments of a normalised path fit those of a pattern; linear in their product, never exponential. */
export function pathMatches(pattern: readonly string[], path: readonly string[]): boolean {
  let at = 0
  let from = 0
  let star = -1
  let retryFrom = 0
  // Greedy with one point of return: the last `**` takes one segment more whenever what follows it does not fit.
  while (from < path.length) {
    if (pattern[at] === '**') {
      star = at++
      retryFrom = from
    } else if (at < pattern.length && (pattern[at] === '*' || pattern[at] === path[from])) {
      at++
      from++
    } else if (star >= 0) {
      at = star + 1
      from = ++retryFrom
    } else return false
  }
  while (pattern[at] === '**') at++
  return at === pattern.length
}

/** Splits a path or pattern that begins with a slash. */
export function segmentsOf(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '')
}
