/** As much of HTTP/2 as it takes to answer requests without bodies: a server for trying HPACK on a client of another make. */
import type { AddressInfo, Socket } from 'node:net'
import { createServer, type Server } from 'node:net'
import { HpackDecoder } from '../../src/http2/hpack/hpack-decoder.ts'
import { encodedBytesMax, HpackEncoder } from '../../src/http2/hpack/hpack-encoder.ts'
import type { HeaderField } from '../../src/http2/hpack/hpack-field.ts'

type Fields = readonly HeaderField[]

const PREFACE_BYTES = 24
const FRAME_HEAD_BYTES = 9
const HEADERS = 1
const SETTINGS = 4
const PING = 6
const CONTINUATION = 9
const ACK = 1
const END_STREAM = 1
const END_HEADERS = 4
const PADDED = 8
const PRIORITY = 32
const HEADER_TABLE_SIZE = 1

/** How a peer answers, and its SETTINGS_HEADER_TABLE_SIZE. */
export interface PeerOptions {
  readonly tableBytesMax: number
  readonly answer: (fields: Fields) => Fields
}

/** Its port, and whatever went wrong. */
export interface Peer {
  readonly server: Server
  readonly port: number
  readonly errors: unknown[]
}

export async function servePeer(options: PeerOptions): Promise<Peer> {
  const errors: unknown[] = []
  const server = createServer((socket) => {
    const connection = new PeerConnection(socket, options)
    socket.on('error', () => {})
    socket.on('data', (octets) => {
      try {
        connection.read(octets)
      } catch (reason) {
        errors.push(reason)
        socket.destroy()
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { server, port: (server.address() as AddressInfo).port, errors }
}

interface Frame {
  readonly type: number
  readonly flags: number
  readonly stream: number
  readonly payload: Buffer
}

class PeerConnection {
  readonly #socket: Socket
  readonly #answer: PeerOptions['answer']
  readonly #decoder: HpackDecoder<Fields>
  readonly #encoder = new HpackEncoder()
  #octets = Buffer.alloc(0)
  #hasBegun = false
  /** Parts of a block that is not whole. */
  #block: Buffer[] = []

  constructor(socket: Socket, { tableBytesMax, answer }: PeerOptions) {
    this.#socket = socket
    this.#answer = answer
    const interpret = (fields: Fields): Fields => fields
    this.#decoder = new HpackDecoder({ tableBytesMax, listBytesMax: 65_536, interpret, tooLarge: [] })
    const setting = Buffer.alloc(6)
    setting.writeUInt16BE(HEADER_TABLE_SIZE)
    setting.writeUInt32BE(tableBytesMax, 2)
    this.#write({ type: SETTINGS, flags: 0, stream: 0, payload: setting })
  }

  read(octets: Buffer): void {
    this.#octets = Buffer.concat([this.#octets, octets])
    if (!this.#hasBegun && this.#octets.length >= PREFACE_BYTES) {
      this.#octets = this.#octets.subarray(PREFACE_BYTES)
      this.#hasBegun = true
    }
    while (this.#hasBegun && this.#octets.length >= FRAME_HEAD_BYTES) {
      const end = FRAME_HEAD_BYTES + this.#octets.readUIntBE(0, 3)
      if (this.#octets.length < end) return
      const frame = this.#octets.subarray(0, end)
      this.#octets = this.#octets.subarray(end)
      this.#take({
        type: frame.readUInt8(3),
        flags: frame.readUInt8(4),
        stream: frame.readUInt32BE(5),
        payload: frame.subarray(FRAME_HEAD_BYTES),
      })
    }
  }

  #take({ type, flags, stream, payload }: Frame): void {
    if (type === HEADERS || type === CONTINUATION) {
      if ((flags & PADDED) !== 0 && type === HEADERS) throw new Error('padding is not read here')
      this.#block.push(payload.subarray(type === HEADERS && (flags & PRIORITY) !== 0 ? 5 : 0))
      if ((flags & END_HEADERS) !== 0) this.#respond(stream)
    } else if (type === SETTINGS && (flags & ACK) === 0) {
      for (let at = 0; at < payload.length; at += 6) {
        if (payload.readUInt16BE(at) === HEADER_TABLE_SIZE)
          this.#encoder.setTableBytesMax(payload.readUInt32BE(at + 2))
      }
      this.#write({ type, flags: ACK, stream, payload: Buffer.alloc(0) })
    } else if (type === PING && (flags & ACK) === 0) {
      this.#write({ type, flags: ACK, stream, payload })
    }
  }

  #respond(stream: number): void {
    const block = Buffer.concat(this.#block)
    this.#block = []
    const fields = this.#answer(this.#decoder.decode(block, 0, block.length))
    const into = Buffer.alloc(encodedBytesMax(fields))
    const payload = into.subarray(0, this.#encoder.encode(fields, into, 0))
    this.#write({ type: HEADERS, flags: END_HEADERS | END_STREAM, stream, payload })
  }

  #write({ type, flags, stream, payload }: Frame): void {
    const head = Buffer.alloc(FRAME_HEAD_BYTES)
    head.writeUIntBE(payload.length, 0, 3)
    head.writeUInt8(type, 3)
    head.writeUInt8(flags, 4)
    head.writeUInt32BE(stream, 5)
    this.#socket.write(Buffer.concat([head, payload]))
  }
}
