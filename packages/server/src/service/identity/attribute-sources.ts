import { badRequest } from '../describe-failure.ts'
import { whenKnown } from '../when-known.ts'
import type { IdentitySettings, JwtSettings } from './identity-settings.ts'
import { TrustedPeers, UNIX } from './trusted-peers.ts'
import { NO_TOKEN, type Token, verifyToken } from './verify-token.ts'

/** What sources read of a request; each answers all values of a name, in their order. */
export interface SourceRequest {
  /** The message: several requests in one have one token, which is verified once. */
  readonly message: object
  /** Address at the other end of the connection, or `unix`; absent where it has ended. */
  readonly peer: string | undefined
  header(name: string): readonly string[]
  query(name: string): readonly string[]
  cookie(name: string): readonly string[]
  /** Entries of the descriptors that the caller gave. */
  descriptor(name: string): readonly string[]
}

/** Attributes from the sources, and what became of the token, which is verified only where a source asks for it. */
export interface ResolvedAttributes {
  readonly attributes: Readonly<Record<string, string>>
  readonly token: Token
}

/** What attributes are read with. */
export interface ReadOptions {
  /**
   * Attributes that are known already.
   * @default none
   */
  readonly given?: object
  readonly token: Token | null
}

/** Longest value of a source, in characters. */
const VALUE_LENGTH_MAX = 1024
const NOBODY: IdentitySettings = { trustedProxies: [], attributes: {} }

/** Reads attributes from their sources. Made once for a configuration, called for each request. */
export class AttributeSources {
  /** Whose forwarded addresses and header fields are believed. */
  readonly trusted: TrustedPeers
  readonly #jwt: JwtSettings | undefined
  readonly #tokens = new WeakMap<object, Promise<Token>>()
  readonly #sources: readonly (readonly [attribute: string, sources: readonly Source[]])[]

  /** Without settings there are none, and nobody is trusted. */
  constructor({ trustedProxies, attributes, jwt }: IdentitySettings = NOBODY) {
    this.trusted = new TrustedPeers(trustedProxies)
    this.#jwt = jwt
    this.#sources = Object.entries(attributes).map(([name, texts]) => [name, texts.map(sourceOf)])
  }

  /** Whether no attribute has a source. */
  get isEmpty(): boolean {
    return this.#sources.length === 0
  }

  /** Whether the token has to be verified for an attribute that `given` lacks. */
  needsToken(given: object): boolean {
    return this.#sources.some(([name, sources]) => !Object.hasOwn(given, name) && sources.some(isOfToken))
  }

  /**
   * Reads every attribute that `given` does not have as a field of its own: what a caller says, counts. A promise only where a token
   * has to be verified.
   */
  resolve(request: SourceRequest, given: object = {}): ResolvedAttributes | Promise<ResolvedAttributes> {
    const token = this.needsToken(given) ? this.#token(request) : NO_TOKEN
    return whenKnown<Token, ResolvedAttributes>(token, (known) => ({
      attributes: this.read(request, { given, token: known }),
      token: known,
    }))
  }

  /** As `resolve`, at once: claims are those of `token`; null where it is not known yet, so that what may come of claims is left out. */
  read(request: SourceRequest, { given = {}, token }: ReadOptions): Record<string, string> {
    const attributes: Record<string, string> = {}
    const isTrusted = this.trusted.has(request.peer)
    for (const [attribute, sources] of this.#sources) {
      if (Object.hasOwn(given, attribute) || (token === null && sources.some(isOfToken))) continue
      for (const source of sources) {
        const value = readSource(source, { request, isTrusted, token: token ?? NO_TOKEN })
        if (value === undefined) continue
        attributes[attribute] = value
        break
      }
    }
    return attributes
  }

  #token(request: SourceRequest): Promise<Token> {
    const jwt = this.#jwt
    if (jwt === undefined) return Promise.resolve(NO_TOKEN)
    const known = this.#tokens.get(request.message)
    if (known !== undefined) return known
    const token = verifyToken(jwt, request.header(jwt.header))
    this.#tokens.set(request.message, token)
    return token
  }
}

/** One source, such as `jwt.realm.role`: a kind, the name behind it, and of a claim the steps to it. */
interface Source {
  readonly kind: string
  readonly name: string
  readonly steps: readonly string[]
}

function isOfToken({ kind }: Source): boolean {
  return kind === 'jwt'
}

function sourceOf(text: string): Source {
  const [kind = '', ...steps] = text.split('.')
  const name = steps.join('.')
  return { kind, name: kind === 'header' ? name.toLowerCase() : name, steps }
}

interface Known {
  readonly request: SourceRequest
  readonly isTrusted: boolean
  readonly token: Token
}

function readSource(source: Source, { request, isTrusted, token }: Known): string | undefined {
  const { kind, name, steps } = source
  switch (kind) {
    case 'jwt':
      return bounded(source, token.state === 'valid' ? claimOf(token.claims, steps) : undefined)
    case 'header':
      return isTrusted ? bounded(source, onlyHeader(source, request.header(name))) : undefined
    case 'query':
    case 'cookie':
    case 'descriptor':
      return bounded(source, onlyOne(request[kind](name)))
    case 'peer':
      return name === 'ip' && request.peer !== UNIX ? request.peer : undefined
    default:
      return undefined
  }
}

/** A claim that is a text or a whole number; a list or an object is none. */
function claimOf(claims: object, steps: readonly string[]): string | undefined {
  let value: unknown = claims
  for (const step of steps) {
    const isInside = typeof value === 'object' && value !== null && Object.hasOwn(value, step)
    value = isInside ? Reflect.get(value as object, step) : undefined
  }
  return typeof value === 'string' || Number.isSafeInteger(value) ? String(value) : undefined
}

/** A trusted proxy that passes on two fields has not removed that of its client. */
function onlyHeader({ name }: Source, values: readonly string[]): string | undefined {
  if (values.length <= 1) return values[0]?.trim()
  const fix = 'let the proxy set it in place of what it was sent'
  throw badRequest(`the header field ${name} is there ${values.length} times; ${fix}`, name)
}

/** What its sender can leave out may be left out for being there twice. */
function onlyOne(values: readonly string[]): string | undefined {
  return values.length === 1 ? values[0] : undefined
}

function bounded({ kind, name }: Source, value: string | undefined): string | undefined {
  if (value === undefined || value === '') return undefined
  if (value.length <= VALUE_LENGTH_MAX) return value
  const what = `${kind}.${name} has ${value.length} characters`
  throw badRequest(`${what}; an attribute from there has up to ${VALUE_LENGTH_MAX}`, `${kind}.${name}`)
}
