import { createHash } from 'node:crypto'
import { quickHmac, quickHmacText } from '../quick-hmac.ts'

/** A key by which texts that leave the service are authenticated. */
export interface TokenKey {
  /** Stands in each text, so that the right key is found; says nothing of the secret. */
  readonly id: string
  /** The signature of a text. */
  sign(text: string): string
}

/** The key of a secret for one scope: the same secret under another prefix is another key. */
export function tokenKey(secret: string | Buffer, scope: string): TokenKey {
  const derived = quickHmac(secret)(`headgate tokens 1\n${scope}`)
  const id = createHash('sha256').update('id').update(derived).digest('base64url').slice(0, 8)
  return { id, sign: quickHmacText(derived, 'base64url') }
}
