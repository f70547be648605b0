import { UNIX } from '../../service/identity/trusted-peers.ts'
import type { IdentityFields } from '../../service/proxy-settings/auth-settings.ts'
import type { CanonicalRequest } from './canonical-request.ts'

/** Who a request is of, as the upstream is told. */
export interface ToldIdentity {
  readonly principal: string
  readonly scopes: readonly string[]
}

/** What else is sent. */
export interface OutgoingOptions {
  /** Null where nobody authenticated: the fields of identity are then absent. */
  readonly identity: ToldIdentity | null
  readonly identityFields: IdentityFields
  /**
   * In place of the end-to-end fields of the request: those without a credential.
   * @default those of the request
   */
  readonly fields?: readonly string[]
}

/** Visible characters that need no encoding in a value. */
const PLAIN = /^[!-$&-~]*$/

/**
 * All header fields that the upstream gets, in flat pairs, `host` first: ours, then those of the client. Framing of the body and
 * `Upgrade` are not among them. `X-Forwarded-For` has one address, that of the client; by a Unix socket there is none.
 *
 * In principal and scopes, what is no visible ASCII, and `%`, is encoded as in URLs: nobody can forge a second field or
 * scope by the name of a user.
 */
export function outgoingFields(request: CanonicalRequest, options: OutgoingOptions): string[] {
  const { authority, ip, isSecure, requestId } = request
  const { identity, identityFields, fields = request.fields } = options
  const ours = ['host', authority]
  if (ip !== UNIX) ours.push('x-forwarded-for', ip)
  ours.push('x-forwarded-proto', isSecure ? 'https' : 'http')
  ours.push('x-forwarded-host', authority, 'x-request-id', requestId)
  if (identity !== null) {
    ours.push(identityFields.principal, encoded(identity.principal))
    if (identity.scopes.length > 0) ours.push(identityFields.scopes, identity.scopes.map(encoded).join(' '))
  }
  return ours.concat(fields)
}

function encoded(text: string): string {
  if (PLAIN.test(text)) return text
  return text.toWellFormed().replaceAll(/[^!-$&-~]+/g, encodeURIComponent)
}
