const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** Bytes as base64url (RFC 4648, section 5) without padding. */
export function base64url(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 3) {
    // Past the end a byte counts as 0.
    const three = ((bytes[i] as number) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    text += digit(three >> 18) + digit(three >> 12)
    if (i + 1 < bytes.length) text += digit(three >> 6)
    if (i + 2 < bytes.length) text += digit(three)
  }
  return text
}

/** The bytes of such a text; null for any other. */
export function bytesOfBase64url(text: string): Uint8Array | null {
  if (!/^[\w-]*$/.test(text) || text.length % 4 === 1) return null
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(binary, (char) => char.charCodeAt(0))
}

function digit(bits: number): string {
  return DIGITS[bits & 63] as string
}
