/**
 * A command in RESP, as a text of which each character is a byte: to be written as `latin1`, which is copied as it is.
 * Nearly all commands are ASCII, and then the lengths of the texts are their lengths in bytes; whether that is so shows
 * in the whole, so that the texts need not be looked at one by one.
 */
export function encodeCommand(parts: readonly string[]): string {
  const text = encode(parts)
  return Buffer.byteLength(text) === text.length ? text : encode(parts.map(utf8))
}

function encode(parts: readonly string[]): string {
  let text = `*${parts.length}\r\n`
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] as string
    text += `$${part.length}\r\n${part}\r\n`
  }
  return text
}

function utf8(text: string): string {
  return Buffer.from(text).toString('latin1')
}
