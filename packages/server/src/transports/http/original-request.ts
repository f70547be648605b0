import { isAmbiguousPath } from 'headgate/http'
import { badRequest } from '../../service/describe-failure.ts'

/** The request that a gateway asks about. */
export interface OriginalRequest {
  /** As the client has written it, without query. */
  readonly path: string
  readonly query: URLSearchParams
  /** In upper case. */
  readonly method: string
  /** In lower case and without port; absent where the gateway does not pass it on. */
  readonly host?: string
  /** The addresses that it came by, as lines of one list. */
  readonly forwardedFor: readonly string[]
}

/** Header fields by name in lower case, each with all its values. */
type Fields = Readonly<Record<string, readonly string[] | undefined>>

/** Of Traefik and Caddy, and the names that are common for nginx. */
const URI = ['x-forwarded-uri', 'x-original-uri']
const METHOD = ['x-forwarded-method', 'x-original-method']
const HOST = ['x-forwarded-host']
const FORWARDED_FOR = 'x-forwarded-for'

/**
 * Reads what a trusted gateway says of a request. What is missing, there twice, or said differently under two names is refused:
 * gateways pass on fields of their clients that they do not set themselves.
 */
export function readOriginalRequest(fields: Fields): OriginalRequest {
  // Node reads bytes as Latin-1: what is beyond ASCII is spelled as clients should have done it.
  const uri = required(fields, URI).replaceAll(
    /[\x80-\xff]/g,
    (byte) => `%${byte.charCodeAt(0).toString(16)}`,
  )
  const [path = '', ...rest] = uri.split('?')
  if (!path.startsWith('/')) throw refused(URI[0], 'has to be a path that begins with a slash')
  if (isAmbiguousPath(path)) {
    throw refused(
      URI[0],
      'has a path that servers read in different ways; send it without encoded / \\ ; ? # %',
    )
  }
  const method = required(fields, METHOD).toUpperCase()
  if (!/^[A-Z][A-Z-]{0,31}$/.test(method)) throw refused(METHOD[0], 'has to be a method such as GET')
  const host = hostOf(single(fields, HOST))
  const forwardedFor = fields[FORWARDED_FOR]
  if (forwardedFor === undefined) throw missing(FORWARDED_FOR)
  return {
    path,
    query: new URLSearchParams(rest.join('?')),
    method,
    forwardedFor,
    ...(host !== undefined && { host }),
  }
}

function required(fields: Fields, names: readonly string[]): string {
  const value = single(fields, names)
  if (value === undefined) throw missing(names.join(' or '))
  return value
}

/** The one value that these fields have; undefined where none is there. */
function single(fields: Fields, names: readonly string[]): string | undefined {
  const values = names.flatMap((name) => fields[name] ?? [])
  const [value] = values
  if (new Set(values).size <= 1 && names.every((name) => (fields[name]?.length ?? 0) <= 1)) {
    return value === '' ? undefined : value
  }
  throw refused(names[0], 'is there twice; let the gateway set it in place of what its client sent')
}

function hostOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const [, host] = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/i.exec(text) ?? []
  if (host === undefined || host.length > 255) throw refused(HOST[0], 'has to be the name of a host')
  // A dot at the end is the root of the DNS: the same host.
  return host.toLowerCase().replace(/\.$/, '')
}

function missing(name: string): Error {
  return badRequest(`the gateway sent no ${name}; see docs/guide/behind-a-gateway.md`, name)
}

function refused(name = '', what: string): Error {
  return badRequest(`${name} ${what}`, name)
}
