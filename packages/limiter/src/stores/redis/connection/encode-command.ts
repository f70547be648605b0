/**
 * Encodes a command in RESP as a string with one character per byte, to be written as `latin1`, which needs no further
 * encoding. Nearly all strings are ASCII, so that their length is their byte length. One check of their concatenation
 * confirms that, which is faster than a check of each; only otherwise is the command encoded again as UTF-8.
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
