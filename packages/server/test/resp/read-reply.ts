/** A reply, and where its bytes end. */
export interface Read {
  readonly value: unknown
  readonly end: number
}

/** The reply of either version that begins at `at`; null where it is not whole. Written apart from the server, to check it. */
export function readReply(bytes: Buffer, at: number): Read | null {
  const line = bytes.indexOf('\r\n', at)
  if (line === -1) return null
  const text = bytes.toString('utf8', at + 1, line)
  const end = line + 2
  switch (String.fromCharCode(bytes[at] as number)) {
    case '+':
      return { value: text, end }
    case '-':
      return { value: new Error(text), end }
    case ':':
      return { value: Number(text), end }
    case '_':
      return { value: null, end }
    case '#':
      return { value: text === 't', end }
    case '$': {
      if (text === '-1') return { value: null, end }
      const to = end + Number(text)
      return bytes.length < to + 2 ? null : { value: bytes.toString('utf8', end, to), end: to + 2 }
    }
    case '*':
      return readMany(bytes, end, Number(text))
    case '%': {
      const read = readMany(bytes, end, Number(text) * 2)
      if (read === null) return null
      const items = read.value as unknown[]
      const pairs = items.flatMap((name, i) => (i % 2 === 0 ? [[name, items[i + 1]]] : []))
      return { value: Object.fromEntries(pairs), end: read.end }
    }
    default:
      throw new Error(`no reply: ${JSON.stringify(bytes.toString('utf8', at, line))}`)
  }
}

function readMany(bytes: Buffer, at: number, count: number): Read | null {
  const value: unknown[] = []
  let end = at
  for (let i = 0; i < count; i++) {
    const one = readReply(bytes, end)
    if (one === null) return null
    value.push(one.value)
    end = one.end
  }
  return { value, end }
}
