import type { PeerCertificate } from 'node:tls'
import type { JwtSettings } from '../../service/identity/identity-settings.ts'
import type { AuthMethod, AuthSettings } from '../../service/proxy-settings/auth-settings.ts'
import type { CanonicalRequest } from '../request/canonical-request.ts'
import { ApiKeyRegister } from './api-key-register.ts'
import type { Identity } from './caller-identity.ts'
import { CertificateGate } from './certificate-gate.ts'
import { PasswordGate, PasswordMemory } from './password-gate.ts'
import { type CredentialFields, kindOf, type Presented, presentedIn } from './presented.ts'
import { type Needs, type Refusal, type Rejection, refusalOf } from './refusal.ts'
import { TokenGate } from './token-gate.ts'

/** What became of the credential of a request. */
export type Authentication = { readonly identity: Identity } | { readonly refused: Refusal }

/** What a connection knows of its client, beside the request. */
export interface ConnectionCredentials {
  /** The certificate that TLS has verified; null where there is none. Asked only where the route takes certificates. */
  readonly certificate: () => PeerCertificate | null
}

/** What is read of a request. */
export type AuthenticatedRequest = Pick<CanonicalRequest, 'fields' | 'ip'>

/** What an authenticator is made with. */
export interface AuthenticatorParts {
  readonly settings: AuthSettings
  /** How tokens are verified; undefined: there are none. */
  readonly jwt: JwtSettings | undefined
  /**
   * Attempts at passwords, which count on under the next configuration.
   * @default none were made
   */
  readonly memory?: PasswordMemory
  /**
   * Milliseconds since 1970.
   * @default those of the system
   */
  readonly now?: () => number
}

const NONE: Rejection = { why: 'no-credential' }
const TWOFOLD: Rejection = { why: 'several-credentials' }
const LACKS_SCOPE: Rejection = { why: 'lacks-scope' }

/** Finds out who a request is from, by one configuration. */
export class Authenticator {
  readonly #settings: AuthSettings
  readonly #names: CredentialFields
  readonly #apiKeys: ApiKeyRegister
  readonly #tokens: TokenGate | null
  readonly #passwords: PasswordGate | null
  readonly #certificates: CertificateGate
  readonly #now: () => number

  constructor({ settings, jwt, memory, now = Date.now }: AuthenticatorParts) {
    const { apiKeys, basic, certificates } = settings
    this.#settings = settings
    this.#names = { apiKey: apiKeys?.header ?? null, token: jwt?.header ?? null }
    this.#apiKeys = new ApiKeyRegister(apiKeys?.keys ?? [])
    this.#tokens = jwt === undefined ? null : new TokenGate(jwt, now)
    this.#passwords = basic === null ? null : new PasswordGate(basic, memory ?? new PasswordMemory(), now)
    this.#certificates = new CertificateGate(certificates)
    this.#now = now
  }

  /**
   * Judges the first credential that is there, in the order of `require`: one that is wrong is not saved by another one that is right.
   * Answers at once but where a token or a password has to be computed; `require` has at least one way.
   */
  authenticate(
    request: AuthenticatedRequest,
    credentials: ConnectionCredentials,
    needs: Needs,
  ): Authentication | Promise<Authentication> {
    const presented = presentedIn(request.fields, this.#names, needs.require)
    const verdict = presented.isTwofold ? TWOFOLD : this.#verdict(presented, { request, credentials, needs })
    return verdict instanceof Promise
      ? verdict.then((settled) => this.#judge(settled, needs))
      : this.#judge(verdict, needs)
  }

  /**
   * The fields of an authenticated request as they are forwarded: without API keys and passwords, which are for the proxy; with the
   * token that was verified, which applications read. A token that nobody has looked at, since another credential came first, is
   * left out where the route takes tokens: the application would believe it.
   */
  withoutCredential(
    fields: readonly string[],
    { method }: Pick<Identity, 'method'>,
    require: readonly AuthMethod[],
  ): readonly string[] {
    const kept: string[] = []
    for (let i = 0; i < fields.length; i += 2) {
      const name = fields[i] as string
      const value = fields[i + 1] as string
      const kind = kindOf(name, value, this.#names)
      const isForProxy = kind !== null && require.includes(kind)
      if (!isForProxy || (kind === 'jwt' && method === 'jwt')) kept.push(name, value)
    }
    return kept.length === fields.length ? fields : kept
  }

  #verdict(presented: Presented, asked: Asked): Identity | Rejection | Promise<Identity | Rejection> {
    for (const method of asked.needs.require) {
      if (method === 'certificate') {
        const certificate = asked.credentials.certificate()
        // Node has an empty object for none.
        if (certificate?.fingerprint256 !== undefined) return this.#certificates.verify(certificate)
        continue
      }
      const value = presented[method]
      if (value !== null) return this.#verify(method, value, asked.request.ip)
    }
    return NONE
  }

  #verify(
    method: Exclude<AuthMethod, 'certificate'>,
    value: string,
    ip: string,
  ): Identity | Rejection | Promise<Identity | Rejection> {
    switch (method) {
      case 'apiKey':
        return this.#apiKeys.verify(value, this.#now())
      case 'jwt':
        return this.#tokens?.verify(value) ?? NONE
      case 'basic':
        return this.#passwords?.verify(value, ip) ?? NONE
    }
  }

  #judge(verdict: Identity | Rejection, needs: Needs): Authentication {
    if ('why' in verdict) return { refused: refusalOf(verdict, needs, this.#settings) }
    for (const scope of needs.scopes) {
      if (!verdict.scopes.includes(scope)) return { refused: refusalOf(LACKS_SCOPE, needs, this.#settings) }
    }
    return { identity: verdict }
  }
}

interface Asked {
  readonly request: AuthenticatedRequest
  readonly credentials: ConnectionCredentials
  readonly needs: Needs
}
