import { hash, randomBytes } from 'node:crypto'

/** With this every key of the proxy begins, so that it is known for what it is: by us, and by those who scan for secrets that leaked. */
export const API_KEY_PREFIX = 'hgk_'

/** Ids of keys: they stand in names of principals and in logs. Without `_`, which ends them. */
export const API_KEY_ID: RegExp = /^[A-Za-z0-9][A-Za-z0-9.-]{0,31}$/

const SECRET_BYTES = 32
const ID_BYTES = 5
const SHAPE = /^hgk_([A-Za-z0-9][A-Za-z0-9.-]{0,31})_[A-Za-z0-9_-]{43,86}$/

/** Longest text that may be a key. */
const LENGTH_MAX = 128

/** Draws an id: ten hexadecimal digits. */
export function newApiKeyId(): string {
  return randomBytes(ID_BYTES).toString('hex')
}

/** Draws a key: 256 random bits behind its id. It is shown once, and kept as its hash alone. */
export function newApiKey(id: string): string {
  return `${API_KEY_PREFIX}${id}_${randomBytes(SECRET_BYTES).toString('base64url')}`
}

/** The id of what may be a key; null where it cannot be one. */
export function apiKeyIdOf(text: string): string | null {
  return text.length > LENGTH_MAX ? null : (SHAPE.exec(text)?.[1] ?? null)
}

/** SHA-256 of a whole key. It has as much randomness as the hash, so that nothing slower is needed. */
export function apiKeyHash(key: string): Buffer {
  return hash('sha256', key, 'buffer')
}
