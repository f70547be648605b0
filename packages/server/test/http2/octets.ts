/** Frames of HTTP/2 as octets, right ones and wrong ones: nothing here is checked. */

export const PREFACE: Buffer = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')

/** RFC 9113, section 6. */
export const FRAME = {
  DATA: 0,
  HEADERS: 1,
  PRIORITY: 2,
  RST_STREAM: 3,
  SETTINGS: 4,
  PUSH_PROMISE: 5,
  PING: 6,
  GOAWAY: 7,
  WINDOW_UPDATE: 8,
  CONTINUATION: 9,
} as const

export const END_STREAM = 0x1
export const ACK = 0x1
export const END_HEADERS = 0x4
export const PADDED = 0x8
export const PRIORITY = 0x20

/** RFC 9113, section 7. */
export const CODE = {
  NO_ERROR: 0,
  PROTOCOL_ERROR: 1,
  INTERNAL_ERROR: 2,
  FLOW_CONTROL_ERROR: 3,
  SETTINGS_TIMEOUT: 4,
  STREAM_CLOSED: 5,
  FRAME_SIZE_ERROR: 6,
  REFUSED_STREAM: 7,
  CANCEL: 8,
  COMPRESSION_ERROR: 9,
  CONNECT_ERROR: 10,
  ENHANCE_YOUR_CALM: 11,
} as const

/** RFC 9113, section 6.5.2. */
export const SETTING = {
  HEADER_TABLE_SIZE: 1,
  ENABLE_PUSH: 2,
  MAX_CONCURRENT_STREAMS: 3,
  INITIAL_WINDOW_SIZE: 4,
  MAX_FRAME_SIZE: 5,
  MAX_HEADER_LIST_SIZE: 6,
} as const

/** Octets, or the same in hexadecimal digits, which may stand apart. */
export type Octets = Uint8Array | string

export function octets(given: Octets): Buffer {
  if (typeof given !== 'string') return Buffer.from(given)
  return Buffer.from(given.replaceAll(' ', ''), 'hex')
}

/** The head of a frame alone, which may announce more than follows. */
export function frameHead(type: number, flags: number, stream: number, length: number): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(length, 0, 3)
  head.writeUInt8(type, 3)
  head.writeUInt8(flags, 4)
  head.writeUInt32BE(stream, 5)
  return head
}

export function frame(type: number, flags: number, stream: number, payload: Octets = ''): Buffer {
  const body = octets(payload)
  return Buffer.concat([frameHead(type, flags, stream, body.length), body])
}

export type Field = readonly [name: string, value: string]

/** Fields as literals that no table keeps (RFC 7541, section 6.2.2), without Huffman codes. */
export function block(...fields: readonly Field[]): Buffer {
  return Buffer.concat(
    fields.flatMap(([name, value]) => [Buffer.from([0x00]), literal(name), literal(value)]),
  )
}

/** Fields that the table keeps (section 6.2.1). */
export function keptBlock(...fields: readonly Field[]): Buffer {
  return Buffer.concat(
    fields.flatMap(([name, value]) => [Buffer.from([0x40]), literal(name), literal(value)]),
  )
}

function literal(text: string): Buffer {
  const value = Buffer.from(text, 'latin1')
  return Buffer.concat([integer(value.length, 7), value])
}

/** RFC 7541, section 5.1, with nothing else in the first octet. */
export function integer(value: number, prefixBits: number): Buffer {
  const most = 2 ** prefixBits - 1
  if (value < most) return Buffer.from([value])
  const written = [most]
  let rest = value - most
  for (; rest >= 128; rest = Math.floor(rest / 128)) written.push((rest % 128) | 128)
  return Buffer.from([...written, rest])
}

/** What a request needs; other fields go behind, and a pseudo-field given here goes in the place of its usual one. */
export function request(...given: readonly Field[]): Buffer {
  const usual: readonly Field[] = [
    [':method', 'GET'],
    [':scheme', 'http'],
    [':path', '/'],
    [':authority', 'a.example'],
  ]
  const isPseudo = ([name]: Field): boolean => name.startsWith(':')
  const pseudo = new Map([...usual, ...given.filter(isPseudo)])
  return block(...pseudo, ...given.filter((field) => !isPseudo(field)))
}

/** A request with a body to come. */
export function post(...given: readonly Field[]): Buffer {
  return request([':method', 'POST'], ...given)
}

export function headers(stream: number, fields: Octets, flags: number = END_HEADERS | END_STREAM): Buffer {
  return frame(FRAME.HEADERS, flags, stream, fields)
}

export function continuation(stream: number, fields: Octets, flags: number = END_HEADERS): Buffer {
  return frame(FRAME.CONTINUATION, flags, stream, fields)
}

export function data(stream: number, payload: Octets, flags = 0): Buffer {
  return frame(FRAME.DATA, flags, stream, payload)
}

export function priority(stream: number, parent: number, weight = 15): Buffer {
  const payload = Buffer.alloc(5)
  payload.writeUInt32BE(parent, 0)
  payload.writeUInt8(weight, 4)
  return frame(FRAME.PRIORITY, 0, stream, payload)
}

export function rstStream(stream: number, code: number = CODE.CANCEL): Buffer {
  return frame(FRAME.RST_STREAM, 0, stream, uint32(code))
}

export type Setting = readonly [id: number, value: number]

export function settings(...given: readonly Setting[]): Buffer {
  const payload = given.map(([id, value]) => Buffer.concat([Buffer.from([id >> 8, id & 255]), uint32(value)]))
  return frame(FRAME.SETTINGS, 0, 0, Buffer.concat(payload))
}

export const settingsAck: Buffer = frame(FRAME.SETTINGS, ACK, 0)

export function ping(text = '01234567', flags = 0): Buffer {
  return frame(FRAME.PING, flags, 0, Buffer.from(text, 'latin1'))
}

export function goaway(last: number, code: number = CODE.NO_ERROR): Buffer {
  return frame(FRAME.GOAWAY, 0, 0, Buffer.concat([uint32(last), uint32(code)]))
}

export function windowUpdate(stream: number, by: number): Buffer {
  return frame(FRAME.WINDOW_UPDATE, 0, stream, uint32(by))
}

export function uint32(value: number): Buffer {
  const written = Buffer.alloc(4)
  written.writeUInt32BE(value)
  return written
}
