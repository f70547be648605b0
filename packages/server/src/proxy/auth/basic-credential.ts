import { PASSWORD_BYTES_MAX } from '../../service/identity/password-hash.ts'

/** A user and a password, as RFC 7617 sends them. */
export interface BasicCredential {
  readonly user: string
  readonly password: string
}

const SHAPE = /^basic +([A-Za-z0-9+/]*)={0,2} *$/i
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
/** Four characters for three bytes. */
const LENGTH_MAX = Math.ceil(PASSWORD_BYTES_MAX / 3) * 4

/** Reads the value of `Authorization`; null where it is no user and password in UTF-8. Padding may be missing. */
export function basicCredentialOf(value: string): BasicCredential | null {
  const [, encoded = ''] = SHAPE.exec(value) ?? []
  if (encoded === '' || encoded.length > LENGTH_MAX || encoded.length % 4 === 1) return null
  const text = decoded(encoded)
  const colon = text?.indexOf(':') ?? -1
  // Control characters: RFC 7617, section 2.
  if (text === null || colon < 1 || /\p{Cc}/u.test(text)) return null
  return { user: text.slice(0, colon), password: text.slice(colon + 1) }
}

function decoded(encoded: string): string | null {
  try {
    return utf8.decode(Buffer.from(encoded, 'base64'))
  } catch {
    return null
  }
}
