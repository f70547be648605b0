/**
 * A command in RESP, as a text of which each character is a byte: to be written as `latin1`, which is copied as it is.
 * Nearly all texts are ASCII, and then their lengths are their lengths in bytes; whether that is so shows in all of them
 * together, so that they need not be looked at one by one.
 */
export function encodeCommand(parts: readonly (string | Buffer)[]): string {
  const { command, texts } = encode(parts)
  return Buffer.byteLength(texts) === texts.length ? command : encode(parts.map(utf8)).command
}

function encode(parts: readonly (string | Buffer)[]): { command: string; texts: string } {
  let command = `*${parts.length}\r\n`
  let texts = ''
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] as string | Buffer
    const text = typeof part === 'string' ? part : part.toString('latin1')
    if (typeof part === 'string') texts += part
    command += `$${text.length}\r\n${text}\r\n`
  }
  return { command, texts }
}

function utf8(part: string | Buffer): string | Buffer {
  return typeof part === 'string' ? Buffer.from(part) : part
}
