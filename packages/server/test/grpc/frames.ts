/** A client of HTTP/2 whose frames a test sends one by one, and that answers nothing by itself but settings. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
const HEADER_BYTES = 9
const ACK = 1
const END_STREAM = 1
const END_HEADERS = 4
const TYPES = { DATA: 0, HEADERS: 1, RST_STREAM: 3, SETTINGS: 4, PING: 6, GOAWAY: 7 } as const

export type FrameType = keyof typeof TYPES

export interface Frame {
  readonly type: FrameType
  readonly stream: number
  readonly payload: Buffer
}

/** Connect it with `using frames = await Frames.connect(target)`. */
export class Frames implements Disposable {
  readonly #socket: Socket
  readonly #seen: Frame[] = []
  #rest = Buffer.alloc(0)
  #wake = (): void => {}
  /** Whether the server has ended the connection. */
  isClosed = false

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (chunk) => this.#read(chunk))
    socket.on('error', () => {})
    socket.on('close', () => {
      this.isClosed = true
      this.#wake()
    })
    socket.write(PREFACE)
    this.#write('SETTINGS', 0, { stream: 0 })
  }

  static async connect(target: string): Promise<Frames> {
    const { hostname, port } = new URL(`http://${target}`)
    const socket = connect(Number(port), hostname)
    await once(socket, 'connect')
    return new Frames(socket)
  }

  /** Calls a method with an empty message. */
  call(stream: number, path: string): void {
    const fields = [
      [':method', 'POST'],
      [':scheme', 'http'],
      [':path', path],
      [':authority', 'localhost'],
      ['content-type', 'application/grpc'],
      ['te', 'trailers'],
    ]
    const block = Buffer.concat(
      fields.map(([name = '', value = '']) => Buffer.concat([LITERAL, text(name), text(value)])),
    )
    this.#write('HEADERS', END_HEADERS, { stream, payload: block })
    this.#write('DATA', END_STREAM, { stream, payload: Buffer.alloc(5) })
  }

  answer(ping: Frame): void {
    this.#write('PING', ACK, { stream: 0, payload: ping.payload })
  }

  /** The next frame of this type that was not taken yet; what came before it is left out. */
  async next(type: FrameType): Promise<Frame> {
    for (;;) {
      for (let frame = this.#seen.shift(); frame !== undefined; frame = this.#seen.shift()) {
        if (frame.type === type) return frame
      }
      if (this.isClosed) throw new Error(`the connection has ended before a frame ${type}`)
      await this.#change()
    }
  }

  async closed(): Promise<void> {
    while (!this.isClosed) await this.#change()
  }

  [Symbol.dispose](): void {
    this.#socket.destroy()
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  #write(
    type: FrameType,
    flags: number,
    { stream, payload = Buffer.alloc(0) }: { stream: number; payload?: Buffer },
  ): void {
    const header = Buffer.alloc(HEADER_BYTES)
    header.writeUIntBE(payload.length, 0, 3)
    header.writeUInt8(TYPES[type], 3)
    header.writeUInt8(flags, 4)
    header.writeUInt32BE(stream, 5)
    this.#socket.write(Buffer.concat([header, payload]))
  }

  #read(chunk: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, chunk])
    while (this.#rest.length >= HEADER_BYTES) {
      const length = this.#rest.readUIntBE(0, 3)
      if (this.#rest.length < HEADER_BYTES + length) break
      const number = this.#rest.readUInt8(3)
      const flags = this.#rest.readUInt8(4)
      const stream = this.#rest.readUInt32BE(5)
      const payload = this.#rest.subarray(HEADER_BYTES, HEADER_BYTES + length)
      this.#rest = this.#rest.subarray(HEADER_BYTES + length)
      const type = (Object.keys(TYPES) as FrameType[]).find((name) => TYPES[name] === number)
      if (type === 'SETTINGS' && flags !== ACK) this.#write('SETTINGS', ACK, { stream: 0 })
      else if (type !== undefined) this.#seen.push({ type, stream, payload })
    }
    this.#wake()
  }
}

/** A field that no table has. */
const LITERAL = Buffer.from([0])

function text(value: string): Buffer {
  return Buffer.concat([Buffer.from([value.length]), Buffer.from(value)])
}
