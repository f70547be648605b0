import { createHash, createHmac } from 'node:crypto'

/** A key by which texts that leave the service are authenticated. */
export interface TokenKey {
  /** Stands in each text, so that the right key is found; says nothing of the secret. */
  readonly id: string
  readonly secret: Buffer
}

/** The key of a secret for one scope: the same secret under another prefix is another key. */
export function tokenKey(secret: string | Buffer, scope: string): TokenKey {
  const derived = createHmac('sha256', secret).update(`headgate tokens 1\n${scope}`).digest()
  const id = createHash('sha256').update('id').update(derived).digest('base64url').slice(0, 8)
  return { id, secret: derived }
}
