/** Paths of URLs: all spellings of one path are one text. */

/** A path that is its own normal form, as most are. */
const NORMAL = /^(?:\/[\w~-][\w.~-]*)+$/
/** What stands for itself in a normal path. A star is encoded, so that a pattern's is never a path's. */
const PLAIN = /[\w.~!$&'()+,=:@-]/
/** Triplets that servers decode to what has a meaning in a path, a broken one, and characters that some read as another. */
const DOUBTFUL = /%(?:2f|5c|3b|3f|23|25|[01][0-9a-f]|7f)|%(?![0-9a-f]{2})|[\\#]|\p{Cc}/iu
/** A dot segment, or nothing, with parameters: the segment itself, or what is left without them. */
const DOUBTFUL_SEGMENT = /(?:^|\/)(?:\.|%2e){0,2};/i
/**
 * What the URL parser of browsers takes for scheme and host: `http://host`, and for the schemes of HTTP with any slashes. RFC
 * 9112, section 3.2.2, has servers take such a target.
 */
const SCHEME_AND_HOST = /^(?:(?:https?|wss?):[/\\]*|[a-z][a-z\d+.-]*:\/\/)[^/\\]*/i
const PARENT_SEGMENT = /\/(?:\.|%2e){2}(?:\/|$)/i

/**
 * Normalises a path for matching (RFC 3986, section 6.2.2, and what the URL parser of browsers does): drops query and fragment,
 * decodes triplets that need none, encodes what has to be encoded, takes `\` for `/`, removes dot segments, then empty
 * ones, and drops the parameters behind a `;` in a segment. Case is kept. Of a URL, such as `http://host/a`, it is the path.
 *
 * `//login/`, `/%6cogin`, `/x/../login` and `/login;v=1` are `/login`. An encoded slash stays a part of its segment.
 */
export function normalizePath(path: string): string {
  if (NORMAL.test(path)) return path
  const end = path.search(/[?#]/)
  const bare = end < 0 ? path : path.slice(0, end)
  const slashed = bare
    .replaceAll(/[\t\n\r]/g, '')
    .replace(SCHEME_AND_HOST, '')
    .replaceAll('\\', '/')
  const canonical = slashed.replaceAll(/%[0-9a-f]{2}|%|[^%\w.~!$&'()+,=:@;/-]+/gi, canonicalPiece)
  const kept: string[] = []
  for (const segment of canonical.split('/').slice(slashed.startsWith('/') ? 1 : 0)) {
    if (segment === '.') continue
    if (segment === '..') kept.pop()
    else kept.push(withoutParameters(segment))
  }
  return `/${kept.filter((segment) => segment !== '').join('/')}`
}

/**
 * Whether servers read a path in different ways, so that a rule for one reading lets the other pass: `/a%2Fb`, `/a/..;/b`,
 * `/%252e`, `/a\b`, bytes that are no UTF-8. A gateway does well to refuse it. `path` has no query.
 */
export function isAmbiguousPath(path: string): boolean {
  if (NORMAL.test(path)) return false
  if (!path.isWellFormed()) return true
  if (DOUBTFUL.test(path) || DOUBTFUL_SEGMENT.test(path)) return true
  // Where slashes are merged first, `..` removes another segment.
  const empty = path.indexOf('//')
  if (empty >= 0 && PARENT_SEGMENT.test(path.slice(empty + 1))) return true
  try {
    decodeURIComponent(path)
    return false
  } catch {
    return true
  }
}

/** A triplet, or text that is to be encoded as UTF-8; a percent sign without two digits is a text as well. */
function canonicalPiece(piece: string): string {
  if (!/^%[0-9a-f]{2}$/i.test(piece)) {
    return encodeURIComponent(piece.toWellFormed()).replaceAll('*', '%2A')
  }
  const char = String.fromCharCode(Number(`0x${piece.slice(1)}`))
  return PLAIN.test(char) ? char : piece.toUpperCase()
}

/** What has only parameters, or dots before them, keeps them: it would turn into a segment that means something else. */
function withoutParameters(segment: string): string {
  const at = segment.indexOf(';')
  return at <= 0 || /^\.{1,2};/.test(segment) ? segment : segment.slice(0, at)
}
