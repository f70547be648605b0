import { isAmbiguousPath } from 'headgate/http'

/** A path that is canonical as it stands, as most are. */
const CANONICAL = /^(?:\/[\w~-][\w.~-]*)*\/?$/
/** What stands for itself in a path (RFC 3986, section 3.3). */
const NOT_PLAIN = /%[\dA-Fa-f]{2}|[^\w.~!$&'()*+,;=:@/-]/g
const UNRESERVED = /[\w.~-]/
/** Encoded characters that have a meaning in paths, and do no harm where the upstream leaves them as they are. */
const MEANINGFUL = /%(?:2f|5c|3b|3f|23|25)/gi
/** A dot segment for a server that decodes what is encoded, however often. */
const HIDDEN_DOTS = /(?:\/|%(?:25)*(?:2f|5c|3b))(?:\.|%(?:25)*2e){1,2}(?:$|\/|;|%(?:25)*(?:2f|5c|3b|3f|23))/i

/**
 * The one spelling of a path, which begins with a slash and is printable ASCII: triplets of unreserved characters are decoded, all
 * others have digits in upper case, what may not stand is encoded, dot segments are resolved, and empty ones dropped. Case,
 * parameters and the slash at the end stay. Null where servers read it in different ways. With `pass`, encoded
 * characters such as `%2F` stay as they are, unless they hide a dot segment.
 */
export function canonicalPath(path: string, encoded: 'refuse' | 'pass'): string | null {
  if (CANONICAL.test(path)) return path
  const doubtful = encoded === 'pass' ? path.replaceAll(MEANINGFUL, '_') : path
  if (isAmbiguousPath(doubtful)) return null
  const resolved = withoutDots(path.replaceAll(NOT_PLAIN, spelled))
  return encoded === 'pass' && HIDDEN_DOTS.test(resolved) ? null : resolved
}

function spelled(piece: string): string {
  const code = piece.length === 1 ? piece.charCodeAt(0) : Number.parseInt(piece.slice(1), 16)
  const char = String.fromCharCode(code)
  if (piece.length > 1 && UNRESERVED.test(char)) return char
  return `%${code.toString(16).toUpperCase().padStart(2, '0')}`
}

function withoutDots(path: string): string {
  const kept: string[] = []
  let isFolder = false
  for (const segment of path.split('/')) {
    isFolder = segment === '' || segment === '.' || segment === '..'
    if (segment === '..') kept.pop()
    else if (!isFolder) kept.push(segment)
  }
  return kept.length === 0 ? '/' : `/${kept.join('/')}${isFolder ? '/' : ''}`
}
