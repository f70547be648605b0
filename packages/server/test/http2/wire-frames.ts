import { HpackDecoder } from '../../src/http2/hpack/hpack-decoder.ts'
import { encodedBytesMax, HpackEncoder } from '../../src/http2/hpack/hpack-encoder.ts'
import type { HeaderField } from '../../src/http2/hpack/hpack-field.ts'
import { ACK, CODE, END_HEADERS, END_STREAM, FRAME } from './octets.ts'

/** Frames as a client makes and reads them, right or wrong. */

export { END_HEADERS, END_STREAM, PADDED, PREFACE } from './octets.ts'

const ERRORS = Object.keys(CODE)

interface Parts {
  readonly type: keyof typeof FRAME | number
  readonly flags?: number
  readonly on?: number
  readonly payload?: Uint8Array
}

export function frame({ type, flags = 0, on = 0, payload = new Uint8Array() }: Parts): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = typeof type === 'number' ? type : FRAME[type]
  head[4] = flags
  head.writeUInt32BE(on, 5)
  return Buffer.concat([head, payload])
}

export function uint32(...values: readonly number[]): Buffer {
  const octets = Buffer.alloc(4 * values.length)
  for (const [i, value] of values.entries()) octets.writeUInt32BE(value, 4 * i)
  return octets
}

export function data(on: number, payload: Uint8Array | string, flags = 0): Buffer {
  return frame({ type: 'DATA', flags, on, payload: Buffer.from(payload) })
}

export const settings = (...pairs: readonly (readonly [id: number, value: number])[]): Buffer =>
  frame({
    type: 'SETTINGS',
    payload: Buffer.concat(pairs.map(([id, value]) => Buffer.concat([Buffer.from([0, id]), uint32(value)]))),
  })
export const settingsAck = (): Buffer => frame({ type: 'SETTINGS', flags: ACK })
export const ping = (payload = 'pingpong'): Buffer => frame({ type: 'PING', payload: Buffer.from(payload) })
export const windowUpdate = (on: number, increment: number): Buffer =>
  frame({ type: 'WINDOW_UPDATE', on, payload: uint32(increment) })
export const rstStream = (on: number, code = 8): Buffer =>
  frame({ type: 'RST_STREAM', on, payload: uint32(code) })
export const continuation = (on: number, payload: Uint8Array, flags = 0): Buffer =>
  frame({ type: 'CONTINUATION', flags, on, payload })

type Fields = Readonly<Record<string, string>>

export const POST: Fields = { ':method': 'POST', ':scheme': 'http', ':path': '/', ':authority': 'a' }

/** What a client says: its header blocks are encoded in the order in which they are made. */
export class Speaker {
  readonly #encoder = new HpackEncoder()

  block(fields: Fields | readonly HeaderField[]): Buffer {
    const list = Array.isArray(fields)
      ? (fields as readonly HeaderField[])
      : Object.entries(fields as Fields).map(([name, value]) => ({ name, value }))
    const into = Buffer.alloc(encodedBytesMax(list))
    return into.subarray(0, this.#encoder.encode(list, into, 0))
  }

  headers(on: number, fields: Fields | readonly HeaderField[] = POST, flags = 0): Buffer {
    return frame({ type: 'HEADERS', flags: flags | END_HEADERS, on, payload: this.block(fields) })
  }

  /** A request without a body. */
  get(on: number, fields: Fields = {}): Buffer {
    return this.headers(on, { ...POST, ':method': 'GET', ...fields }, END_STREAM)
  }

  /** A whole request with a body. */
  post(on: number, body: string, fields: Fields = {}): Buffer {
    return Buffer.concat([this.headers(on, { ...POST, ...fields }), data(on, body, END_STREAM)])
  }
}

/** What a client hears, frame by frame. Throws where what it hears is no HTTP/2. */
export class Listener {
  readonly #decoder = new HpackDecoder<readonly HeaderField[]>({
    tableBytesMax: 4096,
    listBytesMax: 1 << 20,
    interpret: (fields) => fields,
    tooLarge: [],
  })
  #rest: Buffer = Buffer.alloc(0)
  /** The octets of bodies, by stream. */
  readonly bodies = new Map<number, Buffer[]>()

  /** Frames as texts, such as `RST_STREAM 1 CANCEL`. */
  hear(octets: Buffer): string[] {
    let rest = Buffer.concat([this.#rest, octets])
    const texts: string[] = []
    while (rest.length >= 9) {
      const end = 9 + rest.readUIntBE(0, 3)
      if (rest.length < end) break
      texts.push(this.#text(rest.subarray(0, end)))
      rest = rest.subarray(end)
    }
    this.#rest = rest
    return texts
  }

  /** Whether a frame is not whole. */
  get isInside(): boolean {
    return this.#rest.length > 0
  }

  body(on: number): Buffer {
    return Buffer.concat(this.bodies.get(on) ?? [])
  }

  #text(octets: Buffer): string {
    const [, , , type, flags = 0] = octets
    const on = octets.readUInt32BE(5)
    const payload = octets.subarray(9)
    const isLast = (flags & END_STREAM) !== 0
    switch (type) {
      case FRAME.DATA:
        this.bodies.set(on, [...(this.bodies.get(on) ?? []), Buffer.from(payload)])
        return `DATA ${on} ${payload.length}${isLast ? ' END' : ''}`
      case FRAME.HEADERS: {
        if ((flags & END_HEADERS) === 0) return `HEADERS ${on} …`
        const fields = this.#decoder.decode(payload, 0, payload.length)
        return `HEADERS ${on} ${fields.map(({ name, value }) => `${name}=${value}`).join(' ')}${isLast ? ' END' : ''}`
      }
      case FRAME.CONTINUATION:
        return `CONTINUATION ${on}${(flags & END_HEADERS) === 0 ? ' …' : ''}`
      case FRAME.RST_STREAM:
        return `RST_STREAM ${on} ${ERRORS[payload.readUInt32BE(0)]}`
      case FRAME.SETTINGS:
        return isLast ? 'SETTINGS ACK' : 'SETTINGS'
      case FRAME.PING:
        return isLast ? `PING ACK ${payload.toString('latin1')}` : `PING ${payload.toString('hex')}`
      case FRAME.GOAWAY:
        return `GOAWAY ${payload.readUInt32BE(0)} ${ERRORS[payload.readUInt32BE(4)]}`
      case FRAME.WINDOW_UPDATE:
        return `WINDOW_UPDATE ${on} ${payload.readUInt32BE(0)}`
      default:
        throw new Error(`a frame of type ${type}`)
    }
  }
}
