import { HpackDecoder } from './hpack/hpack-decoder.ts'
import type { HeaderField } from './hpack/hpack-field.ts'
import type { RequestHead } from './http2-handler.ts'
import { LIST_BYTES_MAX, TABLE_BYTES_MAX } from './settings.ts'

/** A header block, whatever it turns out to be: the head of a request, trailers, or nothing that may be there. */
export interface ReadHead extends RequestHead {
  /** Whether it is well-formed as the head of a request (RFC 9113, section 8.3.1). */
  readonly isRequest: boolean
  /** Whether it is well-formed as trailers (section 8.1). */
  readonly isTrailers: boolean
  readonly isTooLarge: boolean
  /** Whether its body waits to be asked for (RFC 9110, section 10.1.1). */
  readonly expectsContinue: boolean
  /** That of the field; -1 without one. */
  readonly contentLength: number
  /** Octets of its fields. */
  readonly bytes: number
}

const MALFORMED: ReadHead = {
  method: '',
  scheme: '',
  authority: '',
  path: '',
  fields: [],
  isRequest: false,
  isTrailers: false,
  isTooLarge: false,
  expectsContinue: false,
  contentLength: -1,
  bytes: 0,
}

/** What stands for a list of fields that is too large to be looked at. */
const TOO_LARGE: ReadHead = { ...MALFORMED, isTooLarge: true }

/** A token of RFC 9110, section 5.6.2, without capitals: those are malformed (RFC 9113, section 8.2.1). */
const NAME = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/
const METHOD = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const BAD_OCTET = /[\0\r\n]/
const LENGTH = /^[0-9]{1,15}$/
const COLON = 58
const SPACE = 32
const TAB = 9

/** Fields of a connection of HTTP/1.1, which have no meaning here and would mean something behind us (section 8.2.2). */
const OF_CONNECTIONS: ReadonlySet<string> = new Set([
  'connection',
  'proxy-connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
])

/** Fields that mean something to us: one of each, or several that say the same. */
interface KnownFields {
  'content-length'?: string
  host?: string
  expect?: string
}

/** Pseudo-fields of a request (section 8.3.1). */
interface PseudoFields {
  method?: string
  scheme?: string
  authority?: string
  path?: string
}
const PSEUDO: Readonly<Record<string, keyof PseudoFields>> = {
  ':method': 'method',
  ':scheme': 'scheme',
  ':authority': 'authority',
  ':path': 'path',
}

/** The decoder of a connection, which reads blocks as heads. */
export function createHeadDecoder(): HpackDecoder<ReadHead> {
  return new HpackDecoder({
    tableBytesMax: TABLE_BYTES_MAX,
    listBytesMax: LIST_BYTES_MAX,
    interpret: readHead,
    tooLarge: TOO_LARGE,
  })
}

/** Reads a list of fields by sections 8.2 and 8.3 of RFC 9113. */
export function readHead(list: readonly HeaderField[]): ReadHead {
  const pseudo: PseudoFields = {}
  let count = 0
  for (; count < list.length; count++) {
    const { name, value } = list[count] as HeaderField
    if (name.charCodeAt(0) !== COLON) break
    const which = PSEUDO[name]
    if (which === undefined || pseudo[which] !== undefined || !isValue(value)) return MALFORMED
    pseudo[which] = value
  }
  const fields = list.slice(count)
  const known: KnownFields = {}
  for (const field of fields) if (!isWellFormed(field) || !note(known, field)) return MALFORMED
  const { host } = known
  const { method = '', scheme = '', path = '', authority = host ?? '' } = pseudo
  // Requests share heads, for as long as a connection remembers their block.
  return Object.freeze({
    method,
    scheme,
    authority,
    path,
    fields: Object.freeze(fields),
    isRequest: isRequest(pseudo) && (host === undefined || host.toLowerCase() === authority.toLowerCase()),
    isTrailers: count === 0,
    isTooLarge: false,
    expectsContinue: known.expect?.toLowerCase() === '100-continue',
    contentLength: Number(known['content-length'] ?? -1),
    bytes: list.reduce((sum, { name, value }) => sum + name.length + value.length, 0),
  })
}

function isWellFormed({ name, value }: HeaderField): boolean {
  if (!NAME.test(name) || !isValue(value) || OF_CONNECTIONS.has(name)) return false
  return name !== 'te' || value === 'trailers'
}

/** Without octets that end a field elsewhere, and without space around (section 8.2.1). */
function isValue(value: string): boolean {
  return (
    !isSpace(value.charCodeAt(0)) && !isSpace(value.charCodeAt(value.length - 1)) && !BAD_OCTET.test(value)
  )
}

function isSpace(code: number): boolean {
  return code === SPACE || code === TAB
}

/** Notes a field that means something to us; false where it contradicts another one, or means nothing. */
function note(known: KnownFields, { name, value }: HeaderField): boolean {
  switch (name) {
    case 'content-length':
      // RFC 9110, section 8.6.
      if (!LENGTH.test(value)) return false
      break
    case 'host':
    case 'expect':
      break
    default:
      return true
  }
  const before = known[name]
  known[name] = value
  return before === undefined || before === value
}

function isRequest({ method, scheme, path, authority }: PseudoFields): boolean {
  if (method === undefined || !METHOD.test(method)) return false
  // A tunnel has no path (section 8.5).
  if (method === 'CONNECT') return scheme === undefined && path === undefined && authority !== undefined
  if (scheme === undefined || scheme === '' || path === undefined) return false
  return path.startsWith('/') || (path === '*' && method === 'OPTIONS')
}
