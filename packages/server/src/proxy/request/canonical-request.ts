/** A request as it is judged and as it is forwarded: the only thing that gates and upstream see of it. */
export interface CanonicalRequest {
  /** In upper case. */
  readonly method: string
  /** Canonical, as it is forwarded; begins with a slash, and has no query. */
  readonly path: string
  /** As the client sent it, with its `?`; empty where there is none. */
  readonly query: string
  /** The host that the client named, in lower case and without port. */
  readonly host: string
  /** As `host`, with the port where the client named one. */
  readonly authority: string
  /** Address of the client; `unix` where it came by a Unix socket. */
  readonly ip: string
  /** Whether the client came by TLS, to here or to a trusted proxy. */
  readonly isSecure: boolean
  /** Names the request in logs, here and at the upstream: up to 64 letters, digits, dots, dashes and underscores. */
  readonly requestId: string
  /**
   * End-to-end header fields in flat pairs, names in lower case, as they are forwarded: without host, fields of the connection, and
   * those that tell of client or identity.
   */
  readonly fields: readonly string[]
  /** How its body comes. */
  readonly body: BodyKind
  /** From `Content-Length`; null where there is none. */
  readonly contentLength: number | null
  /** Whether the client sends its body only after `100 Continue`. */
  readonly expectsContinue: boolean
  /** The protocol that it asks to change to, in lower case; several as the client lists them. */
  readonly upgrade: string | null
}

/** How the body of a request comes: not at all, with a length, or in chunks. */
export type BodyKind = 'none' | 'sized' | 'chunked'

/** The value of a field; null where it is absent. Several lines of one name are one list. */
export function fieldOf({ fields }: Pick<CanonicalRequest, 'fields'>, name: string): string | null {
  let found: string | null = null
  for (let i = 0; i < fields.length; i += 2) {
    if (fields[i] !== name) continue
    const value = fields[i + 1] as string
    found = found === null ? value : `${found}, ${value}`
  }
  return found
}
