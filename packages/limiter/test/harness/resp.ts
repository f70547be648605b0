/** Commands and replies of RESP2, as far as a harness needs them. */

export type Reply = string | number | null | ReplyError | readonly Reply[]

/** A reply that starts with `-`; the message is its text, such as `OOM command not allowed …`. */
export class ReplyError extends Error {
  override readonly name = 'ReplyError'
}

interface Parsed<T> {
  readonly value: T
  /** Where the next reply starts. */
  readonly end: number
}

const LINE_END = '\r\n'

export function encodeCommand(args: readonly (string | number)[]): string {
  const parts = args.map(String).map((text) => `$${Buffer.byteLength(text)}\r\n${text}\r\n`)
  return `*${parts.length}\r\n${parts.join('')}`
}

/** The reply that starts at `start`; null while its end has not arrived. */
export function parseReply(bytes: Buffer, start: number): Parsed<Reply> | null {
  const lineEnd = bytes.indexOf(LINE_END, start)
  if (lineEnd < 0) return null
  const line = bytes.toString('utf8', start + 1, lineEnd)
  const end = lineEnd + LINE_END.length
  switch (bytes.toString('latin1', start, start + 1)) {
    case '+':
      return { value: line, end }
    case '-':
      return { value: new ReplyError(line), end }
    case ':':
      return { value: Number(line), end }
    case '$':
      return parseText(bytes, end, Number(line))
    case '*':
      return parseList(bytes, end, Number(line))
    default:
      throw new Error(`Not a reply of Redis: ${JSON.stringify(bytes.toString('latin1', start, start + 40))}`)
  }
}

function parseText(bytes: Buffer, start: number, length: number): Parsed<Reply> | null {
  if (length < 0) return { value: null, end: start }
  const end = start + length + LINE_END.length
  return bytes.length < end ? null : { value: bytes.toString('utf8', start, start + length), end }
}

function parseList(bytes: Buffer, start: number, length: number): Parsed<Reply> | null {
  if (length < 0) return { value: null, end: start }
  const value: Reply[] = []
  let end = start
  for (let index = 0; index < length; index++) {
    const item = parseReply(bytes, end)
    if (item === null) return null
    value.push(item.value)
    end = item.end
  }
  return { value, end }
}
