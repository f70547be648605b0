import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { TrustedPeers } from '../../service/identity/trusted-peers.ts'
import type { ApiKeySettings, IdentityFields } from '../../service/proxy-settings/auth-settings.ts'
import type { ProxySettings, RouteSettings } from '../../service/proxy-settings/proxy-settings.ts'
import type { OwnAnswer } from '../answers/own-answer.ts'
import { type Authority, parseAuthority } from './authority.ts'
import { bodyOf } from './body-of.ts'
import type { CanonicalRequest } from './canonical-request.ts'
import { canonicalTarget } from './canonical-target.ts'
import { FieldRoles } from './field-roles.ts'
import { neverAllowed, REFUSALS } from './refusals.ts'
import { RequestClients } from './request-client.ts'
import { isRequestId, makeRequestId } from './request-id.ts'
import { type ScannedFields, scanFields } from './scan-fields.ts'

/** What is read of a request. */
export type RawRequest = Pick<
  IncomingMessage,
  'method' | 'url' | 'rawHeaders' | 'httpVersionMajor' | 'httpVersionMinor' | 'socket'
>

/** Reads requests for one configuration. */
export interface RequestReader {
  /**
   * The request in its one form, or why it has none; it does not touch the body. After an answer that closes, whatever else the
   * connection brings is refused, for any configuration.
   */
  read(message: RawRequest): CanonicalRequest | OwnAnswer
  /** Has the rest of a connection refused, which closes behind this request. */
  refuseRest(message: RawRequest): void
  /** Whether the request that was read last is the last one of its connection, which has to close behind it. */
  isLast(message: RawRequest): boolean
  /** The address of a client whose request was refused, for logs; null where nobody knows it. */
  clientOf(message: RawRequest): string | null
}

/** What a reader needs of the settings. */
export type ReaderSettings = Pick<ProxySettings, 'hosts' | 'clients' | 'paths' | 'headers'> & {
  readonly routes: readonly Pick<RouteSettings, 'methods'>[]
  readonly auth: {
    readonly apiKeys: Pick<ApiKeySettings, 'header'> | null
    readonly identityFields: IdentityFields
  }
}

/** What else it has to know. */
export interface ReaderOptions {
  /**
   * The field that has a bearer token, in lower case; a request with two of them is refused.
   * @default 'authorization'
   */
  readonly tokenField?: string
}

const METHOD = /^[A-Z][A-Z-]{0,31}$/
const NEVER = new Set(['TRACE', 'TRACK', 'CONNECT'])
/** Most hosts whose reading is remembered: clients choose their spelling. */
const HOSTS_MAX = 256

/** Makes a reader; a mistake in an address of `clients` is an `invalid-options` error. */
export function compileRequestReader(
  settings: ReaderSettings,
  trusted: TrustedPeers,
  { tokenField = 'authorization' }: ReaderOptions = {},
): RequestReader {
  const { apiKeys, identityFields } = settings.auth
  const roles = new FieldRoles({
    credentials: apiKeys === null ? [tokenField] : [tokenField, apiKeys.header],
    own: [identityFields.principal, identityFields.scopes],
  })
  return new CompiledReader(settings, roles, new RequestClients(settings.clients, trusted))
}

/** Whether a request was refused. */
export function isAnswer(read: CanonicalRequest | OwnAnswer): read is OwnAnswer {
  return 'outcome' in read
}

/** Connections on which nothing is read any more: what they bring next may be the body of a request that was refused. */
const ended = new WeakSet<Socket>()

class CompiledReader implements RequestReader {
  readonly #settings: ReaderSettings
  readonly #roles: FieldRoles
  readonly #clients: RequestClients
  readonly #hosts: ReadonlySet<string> | null
  readonly #authorities = new Map<string, Authority>()
  readonly #neverAllowed: OwnAnswer

  constructor(settings: ReaderSettings, roles: FieldRoles, clients: RequestClients) {
    this.#settings = settings
    this.#roles = roles
    this.#clients = clients
    this.#hosts = settings.hosts && new Set(settings.hosts)
    this.#neverAllowed = neverAllowed(allowedSomewhere(settings))
  }

  read(message: RawRequest): CanonicalRequest | OwnAnswer {
    // Node goes on with requests that have arrived already, also behind an answer that closes.
    if (ended.has(message.socket)) return REFUSALS.afterDoubt
    const read = this.#read(message)
    if (isAnswer(read) && read.closes === true) ended.add(message.socket)
    return read
  }

  refuseRest({ socket }: RawRequest): void {
    ended.add(socket)
  }

  isLast({ socket }: RawRequest): boolean {
    return ended.has(socket)
  }

  clientOf(message: RawRequest): string | null {
    return this.#clients.of(message.socket, scanFields(message.rawHeaders, this.#roles)).ip
  }

  #read(message: RawRequest): CanonicalRequest | OwnAnswer {
    const { method = '', url = '' } = message
    const isCurrent = message.httpVersionMinor === 1
    if (message.httpVersionMajor !== 1 || message.httpVersionMinor > 1) return REFUSALS.version
    const scanned = scanFields(message.rawHeaders, this.#roles)
    // Node's parser loses what came along behind such a request, where the protocol stays as it is.
    if (scanned.namesUpgrade) ended.add(message.socket)
    const { ip, isSecure, isServed, isTrusted } = this.#clients.of(message.socket, scanned)
    if (ip === null) return REFUSALS.client
    if (!isServed) return REFUSALS.addressDenied
    if (this.#isTooLarge(scanned)) return REFUSALS.headersTooLarge
    if (scanned.isRepeated) return REFUSALS.repeated
    if (NEVER.has(method)) return this.#neverAllowed
    if (!METHOD.test(method)) return REFUSALS.method
    const body = bodyOf(scanned, { method, isCurrent })
    if ('outcome' in body) return body
    const host = this.#hostOf(scanned.host)
    if ('outcome' in host) return host
    const target = canonicalTarget(url, host, this.#settings.paths.encoded)
    if ('outcome' in target) return target
    const given = isTrusted ? scanned.requestId : null
    return {
      method,
      path: target.path,
      query: target.query,
      host: host.host,
      authority: host.authority,
      ip,
      isSecure,
      requestId: given !== null && isRequestId(given) ? given : makeRequestId(),
      fields: scanned.fields,
      body: body.body,
      contentLength: body.contentLength,
      expectsContinue: body.expectsContinue,
      upgrade: body.upgrade,
    }
  }

  #isTooLarge({ bytes, lines }: ScannedFields): boolean {
    const { bytesMax, fieldsMax } = this.#settings.headers
    return bytes > bytesMax || lines > fieldsMax
  }

  #hostOf(field: string | null): Authority | OwnAnswer {
    if (field === null) return REFUSALS.host
    const known = this.#authorities.get(field)
    if (known !== undefined) return known
    const host = parseAuthority(field)
    if (host === null) return REFUSALS.host
    if (this.#hosts?.has(host.host) === false) return REFUSALS.unknownHost
    if (this.#authorities.size < HOSTS_MAX) this.#authorities.set(field, host)
    return host
  }
}

function allowedSomewhere({ routes }: ReaderSettings): string[] {
  const methods = new Set(routes.flatMap((route) => route.methods))
  return [...methods].filter((method) => !NEVER.has(method))
}
