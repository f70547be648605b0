import type { JWTPayload } from 'jose'
import type { AuthMethod } from '../../service/proxy-settings/auth-settings.ts'

/** Who a request is of, by a credential that was verified. */
export interface Identity {
  /** `apikey:<id>`, `jwt:<sub>`, `basic:<user>` or `certificate:<name>`, as it is: whoever sends it in a field has to encode it. */
  readonly principal: string
  readonly method: AuthMethod
  readonly scopes: readonly string[]
  /** For policies: `principal`, and by method `apiKey`, `user` or `certificate`. */
  readonly attributes: Readonly<Record<string, string>>
  /** Verified claims, for sources `jwt.*`; null where it was no token. */
  readonly claims: JWTPayload | null
}

/** Longest name of a principal, in characters. */
const NAME_LENGTH_MAX = 256

const PREFIXES = { apiKey: 'apikey', jwt: 'jwt', basic: 'basic', certificate: 'certificate' } as const
const ATTRIBUTES = { apiKey: 'apiKey', jwt: 'user', basic: 'user', certificate: 'certificate' } as const

/** What an identity is made of. */
export interface Known {
  readonly method: AuthMethod
  /** Id, subject, user, or name of a certificate. */
  readonly name: string
  readonly scopes: readonly string[]
  readonly claims?: JWTPayload | null
}

/** The identity of somebody who is known by a name; null where that is empty, too long, or has control characters or halves of pairs. */
export function identityOf({ method, name, scopes, claims = null }: Known): Identity | null {
  if (name === '' || name.length > NAME_LENGTH_MAX || /[\p{Cc}\p{Cs}]/u.test(name)) return null
  const principal = `${PREFIXES[method]}:${name}`
  return Object.freeze({
    principal,
    method,
    scopes,
    attributes: Object.freeze({ principal, [ATTRIBUTES[method]]: name }),
    claims,
  })
}
