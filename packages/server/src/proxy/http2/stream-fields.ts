/** The head of a request of HTTP/2, written as one of HTTP/1.1. */
export interface StreamHead {
  readonly method: string
  /** The target; empty where there is none, as with CONNECT. */
  readonly url: string
  /** Flat pairs; `host` first, where there is one. */
  readonly rawHeaders: string[]
}

/**
 * Reads the fields of a stream, in flat pairs with pseudo fields. `:authority` becomes `host`; a field `host` that says otherwise stays
 * beside it, for which the request is refused. Crumbs of cookies are one field again (RFC 9113, section 8.2.3). `hasBody`: whether
 * anything follows, for which without a length `transfer-encoding: chunked` stands.
 */
export function readStreamFields(raw: readonly string[], hasBody: boolean): StreamHead {
  const rawHeaders: string[] = []
  const cookies: string[] = []
  let method = ''
  let url = ''
  let authority: string | null = null
  let isSized = false
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] as string
    const value = raw[i + 1] as string
    switch (name) {
      case ':method':
        method = value
        break
      case ':path':
        url = value
        break
      case ':authority':
        authority = value
        break
      case 'cookie':
        cookies.push(value)
        break
      default:
        if (name === 'content-length') isSized = true
        if (!name.startsWith(':')) rawHeaders.push(name, value)
    }
  }
  if (cookies.length > 0) rawHeaders.push('cookie', cookies.join('; '))
  if (hasBody && !isSized) rawHeaders.push('transfer-encoding', 'chunked')
  return { method, url, rawHeaders: authority === null ? rawHeaders : withHost(authority, rawHeaders) }
}

function withHost(authority: string, fields: readonly string[]): string[] {
  const isRepeated = (i: number): boolean =>
    fields[i] === 'host' && fields[i + 1]?.toLowerCase() === authority.toLowerCase()
  return ['host', authority, ...fields.filter((_, i) => !isRepeated(i - (i % 2)))]
}
