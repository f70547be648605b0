import { createHash, createHmac, createSecretKey, type KeyObject } from 'node:crypto'

/** A key by which texts that leave the service are authenticated. */
export interface TokenKey {
  /** Stands in each text, so that the right key is found; says nothing of the secret. */
  readonly id: string
  /** As an object: from bytes one would be made for each text, which takes longer than all the rest. */
  readonly secret: KeyObject
}

/** The key of a secret for one scope: the same secret under another prefix is another key. */
export function tokenKey(secret: string | Buffer, scope: string): TokenKey {
  const derived = createHmac('sha256', secret).update(`headgate tokens 1\n${scope}`).digest()
  const id = createHash('sha256').update('id').update(derived).digest('base64url').slice(0, 8)
  return { id, secret: createSecretKey(derived) }
}
