/** A client of HTTP/2 over TLS that sends whatever octets a test has it send. */
import { once } from 'node:events'
import { connect, type TLSSocket } from 'node:tls'

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
const HEADER_BYTES = 9

/** Types of frames. */
export const TYPE = {
  data: 0,
  headers: 1,
  reset: 3,
  settings: 4,
  ping: 6,
  goaway: 7,
  window: 8,
  continuation: 9,
}
export const END_STREAM = 1
export const END_HEADERS = 4
const ACK = 1

/** A frame that came. */
export interface RawFrame {
  readonly type: number
  readonly flags: number
  readonly stream: number
  readonly payload: Buffer
}

/** Writes a frame. */
export function frame(
  type: number,
  flags: number,
  stream: number,
  payload: Buffer = Buffer.alloc(0),
): Buffer {
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeUIntBE(payload.length, 0, 3)
  header.writeUInt8(type, 3)
  header.writeUInt8(flags, 4)
  header.writeUInt32BE(stream, 5)
  return Buffer.concat([header, payload])
}

/** A number as the payload of a frame. */
export function number(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** Fields as HPACK has them without tables and Huffman codes. */
export function fieldBlock(fields: readonly (readonly [string, string])[]): Buffer {
  return Buffer.concat(fields.flatMap(([name, value]) => [Buffer.from([0]), text(name), text(value)]))
}

/** The fields of a request, with changes; null: without that field. */
export function requestBlock(changes: Readonly<Record<string, string | null>> = {}): Buffer {
  const all = { ':method': 'GET', ':scheme': 'https', ':authority': 'shop.example', ':path': '/', ...changes }
  const pseudo = Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== null)
  return fieldBlock(pseudo)
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'latin1')
  return Buffer.concat([length(bytes.length), bytes])
}

/** An integer with a prefix of 7 bits (RFC 7541, section 5.1). */
function length(value: number): Buffer {
  if (value < 127) return Buffer.from([value])
  const bytes = [127]
  let rest = value - 127
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128)
  return Buffer.from([...bytes, rest])
}

/** Connect it with `using streams = await RawStreams.connect(port)`. */
export class RawStreams implements Disposable {
  readonly socket: TLSSocket
  readonly frames: RawFrame[] = []
  #rest = Buffer.alloc(0)

  private constructor(socket: TLSSocket) {
    this.socket = socket
    socket.on('error', () => {})
    socket.on('data', (chunk: Buffer) => this.#read(chunk))
    socket.write(Buffer.concat([PREFACE, frame(TYPE.settings, 0, 0)]))
  }

  static async connect(port: number): Promise<RawStreams> {
    const socket = connect({ port, host: '127.0.0.1', ALPNProtocols: ['h2'], rejectUnauthorized: false })
    await once(socket, 'secureConnect')
    return new RawStreams(socket)
  }

  send(...frames: readonly Buffer[]): void {
    this.socket.write(Buffer.concat(frames))
  }

  /** What came on a stream: `headers`, `data` or `reset <code>`; and `goaway <code>` of the connection. */
  on(stream: number): string[] {
    return this.frames.flatMap(({ type, stream: of, payload }) => {
      if (type === TYPE.goaway) return [`goaway ${payload.readUInt32BE(4)}`]
      if (of !== stream) return []
      if (type === TYPE.reset) return [`reset ${payload.readUInt32BE(0)}`]
      return type === TYPE.headers ? ['headers'] : type === TYPE.data ? ['data'] : []
    })
  }

  [Symbol.dispose](): void {
    this.socket.destroy()
  }

  #read(chunk: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, chunk])
    while (this.#rest.length >= HEADER_BYTES) {
      const end = HEADER_BYTES + this.#rest.readUIntBE(0, 3)
      if (this.#rest.length < end) return
      const read = {
        type: this.#rest.readUInt8(3),
        flags: this.#rest.readUInt8(4),
        stream: this.#rest.readUInt32BE(5),
        payload: this.#rest.subarray(HEADER_BYTES, end),
      }
      this.#rest = this.#rest.subarray(end)
      if (read.type === TYPE.settings && (read.flags & ACK) === 0) this.send(frame(TYPE.settings, ACK, 0))
      else this.frames.push(read)
    }
  }
}
