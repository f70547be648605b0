/**
 * Normalises a path for matching (RFC 3986, section 6.2.2): drops query, fragment and trailing slash, decodes unreserved
 * characters, encodes stray percent signs, merges slashes and removes dot segments. Case is kept.
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

/** A percent sign without two hexadecimal digits becomes `%25`, so that decoding what follows cannot complete a triplet. */
function decodeUnreserved(triplet: string, digits: string | undefined): string {
  if (!digits) return '%25'
  const char = String.fromCharCode(Number(`0x${digits}`))
  return /[A-Za-z0-9._~-]/.test(char) ? char : triplet.toUpperCase()
}

/** Whether a normalised path matches a pattern, both as segments; takes O(pattern × path) steps, never exponentially many. */
export function pathMatches(pattern: readonly string[], path: readonly string[]): boolean {
  let patternIndex = 0
  let pathIndex = 0
  let lastStars = -1
  let retryFrom = 0
  // Greedy, backtracking only to the last `**`: it takes one more segment whenever the rest of the pattern does not match.
  while (pathIndex < path.length) {
    if (pattern[patternIndex] === '**') {
      lastStars = patternIndex++
      retryFrom = pathIndex
    } else if (
      patternIndex < pattern.length &&
      (pattern[patternIndex] === '*' || pattern[patternIndex] === path[pathIndex])
    ) {
      patternIndex++
      pathIndex++
    } else if (lastStars >= 0) {
      patternIndex = lastStars + 1
      pathIndex = ++retryFrom
    } else return false
  }
  while (pattern[patternIndex] === '**') patternIndex++
  return patternIndex === pattern.length
}

/** Splits a path or pattern that begins with a slash. */
export function segmentsOf(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '')
}
