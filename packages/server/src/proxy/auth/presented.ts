import { API_KEY_PREFIX } from '../../service/identity/api-key-text.ts'
import type { AuthMethod } from '../../service/proxy-settings/auth-settings.ts'

/** Names of the fields that have credentials, in lower case. */
export interface CredentialFields {
  /** Null: there are no API keys. */
  readonly apiKey: string | null
  /** Null: there are no tokens. */
  readonly token: string | null
}

const AUTHORIZATION = 'authorization'
const SCHEME = /^(basic|bearer)(?: +|$)/i

/** Which way of authenticating a field is for; null where it is for none of these. */
export function kindOf(name: string, value: string, { apiKey, token }: CredentialFields): AuthMethod | null {
  if (name === apiKey) return 'apiKey'
  if (name !== AUTHORIZATION) return name === token ? 'jwt' : null
  const [start = '', scheme = ''] = SCHEME.exec(value) ?? []
  switch (scheme.toLowerCase()) {
    case 'basic':
      return 'basic'
    case 'bearer':
      // A token has dots in it: none begins as a key does.
      if (apiKey !== null && value.startsWith(API_KEY_PREFIX, start.length)) return 'apiKey'
      return token === AUTHORIZATION ? 'jwt' : null
    default:
      return null
  }
}

/** The credentials of a request, as their fields have them, by the ways that are required. */
export interface Presented {
  readonly apiKey: string | null
  readonly jwt: string | null
  readonly basic: string | null
  /** There are two of one kind, or two fields `Authorization`. */
  readonly isTwofold: boolean
}

/** Finds the credentials of a request in its flat fields; those of ways that are not required are left alone. */
export function presentedIn(
  fields: readonly string[],
  names: CredentialFields,
  require: readonly AuthMethod[],
): Presented {
  const found = { apiKey: null as string | null, jwt: null as string | null, basic: null as string | null }
  let isTwofold = false
  let authorizations = 0
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string
    const isAuthorization = name === AUTHORIZATION
    if (!isAuthorization && name !== names.apiKey && name !== names.token) continue
    if (isAuthorization && ++authorizations > 1) isTwofold = true
    const value = fields[i + 1] as string
    const kind = kindOf(name, value, names)
    if (kind === null || kind === 'certificate' || !require.includes(kind)) continue
    if (found[kind] !== null) isTwofold = true
    found[kind] = kind === 'apiKey' && isAuthorization ? keyOf(value) : value
  }
  return { ...found, isTwofold }
}

/** Without the scheme. */
function keyOf(value: string): string {
  return value.slice(value.indexOf(' ')).trim()
}
