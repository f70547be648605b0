import { timingSafeEqual } from 'node:crypto'
import type { TokenKey } from './token-key.ts'

/** What a text is for: a receipt, or a reservation. One cannot stand for the other. */
export type TokenKind = 'r1' | 'v1'

/** What a text says that it is for. */
export function kindOf(text: string): TokenKind {
  return text.startsWith('v1.') ? 'v1' : 'r1'
}

/** Longest text that is given or taken, in characters. */
const TOKEN_LENGTH_MAX = 48 * 1024

/** Signs a payload; null where the text would be too long. */
export function signText(kind: TokenKind, payload: string, key: TokenKey): string | null {
  const signed = `${kind}.${key.id}.${base64urlOf(payload)}`
  const text = `${signed}.${key.sign(signed)}`
  return text.length > TOKEN_LENGTH_MAX ? null : text
}

/** The parts of a text that looks like a signed one; null for any other. */
export function readText(
  kind: TokenKind,
  text: string,
): { readonly keyId: string; readonly signed: string; readonly signature: string } | null {
  if (text.length > TOKEN_LENGTH_MAX || !text.startsWith(`${kind}.`)) return null
  const [, keyId = '', , signature, ...more] = text.split('.')
  if (signature === undefined || more.length > 0) return null
  return { keyId, signed: text.slice(0, -signature.length - 1), signature }
}

/**
 * The payload of a text that was signed with this key, else null. The signature is over the text and not over the bytes it
 * stands for, and is compared as text: there is one spelling of each.
 */
export function verifiedPayload(
  { signed, signature }: { readonly signed: string; readonly signature: string },
  key: TokenKey,
): string | null {
  const expected = Buffer.from(key.sign(signed))
  const given = Buffer.from(signature)
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null
  return Buffer.from(signed.slice(signed.lastIndexOf('.') + 1), 'base64url').toString()
}

/** Where short payloads are written, to be read again at once: a buffer for each would take as long as the rest. */
const scratch = Buffer.alloc(4096)
/** Most bytes of a character. */
const CHARACTER_BYTES = 3

function base64urlOf(payload: string): string {
  if (payload.length * CHARACTER_BYTES > scratch.length) return Buffer.from(payload).toString('base64url')
  return scratch.toString('base64url', 0, scratch.write(payload, 0))
}
