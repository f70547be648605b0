import { createHash, randomBytes } from 'node:crypto'

/** With this every token begins, so that it is known for what it is: by us, and by those who scan for secrets that leaked. */
export const TOKEN_PREFIX = 'hgt_'

const SECRET_BYTES = 32

/** Longest text that is looked at; ours have 47 characters. */
const LENGTH_MAX = 128

/** Draws a token: 256 random bits as text. It is shown once, and kept as its hash alone. */
export function newToken(): string {
  return TOKEN_PREFIX + randomBytes(SECRET_BYTES).toString('base64url')
}

/**
 * What a configuration has of a token: `sha256:` and 64 hexadecimal digits. A token has as much randomness as the hash, so that
 * nothing slower is needed.
 */
export function tokenHash(token: string): string {
  return `sha256:${createHash('sha256').update(token).digest('hex')}`
}

/** Whether a text may be a token, which is looked at before anything is computed of it. */
export function isTokenText(text: string): boolean {
  return text.length <= LENGTH_MAX && text.startsWith(TOKEN_PREFIX)
}
