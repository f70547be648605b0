/** The Redis protocol over real sockets, on memory with a clock that tests move. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { memoryStore } from 'headgate'
import { type ManualClock, manualClock } from 'headgate/testing'
import { parseConfig } from '../../src/config/config.ts'
import { createService } from '../../src/service/create-service.ts'
import type { OpenStore, Service } from '../../src/service/service.ts'
import type { Transport } from '../../src/service/transport.ts'
import type { ListenerOptions } from '../../src/transports/listener/listener.ts'
import { createRespTransport } from '../../src/transports/resp/resp-transport.ts'

export interface RespServer extends AsyncDisposable {
  readonly service: Service
  readonly clock: ManualClock
  readonly transport: Transport
  readonly url: string
  /** 0 where it listens on a Unix socket. */
  readonly port: number
  connect(): Promise<RespClient>
}

const POLICIES = 'policies: [{ name: api, key: user, rules: [{ limit: 5/min, burst: 5 }] }]'

/** Serves a configuration: `await using server = await respServer()`. */
export async function respServer(
  config = POLICIES,
  options: Partial<ListenerOptions> = {},
  store?: Partial<OpenStore>,
): Promise<RespServer> {
  const clock = manualClock()
  const service = createService({
    configuration: parseConfig(config, 'headgate.yaml'),
    store: { store: memoryStore({ clock }), label: 'memory', resilience: {}, ping: async () => {}, ...store },
  })
  const transport = createRespTransport(service, {
    address: { host: '127.0.0.1', port: 0 },
    flag: '--resp-port',
    maxConnections: 1000,
    maxConnectionsPerPeer: 1000,
    tls: null,
    ...options,
  })
  const url = await transport.listen()
  const port = Number(new URL(url).port)
  return {
    service,
    clock,
    transport,
    url,
    port,
    connect: () => RespClient.to(port),
    [Symbol.asyncDispose]: async () => {
      await transport.close()
      await service.close()
    },
  }
}

/** A client that sends bytes, and reads replies of either version by a reader of its own. */
export class RespClient implements AsyncDisposable {
  readonly socket: Socket
  #text = Buffer.alloc(0)
  #arrived: () => void = () => {}
  #closed = false

  constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (chunk) => {
      this.#text = Buffer.concat([this.#text, chunk])
      this.#arrived()
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      this.#closed = true
      this.#arrived()
    })
  }

  static async to(port: number): Promise<RespClient> {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    return new RespClient(socket)
  }

  send(...args: readonly string[]): void {
    this.write(`*${args.length}\r\n${args.map((arg) => `$${Buffer.byteLength(arg)}\r\n${arg}\r\n`).join('')}`)
  }

  write(bytes: string | Buffer): void {
    this.socket.write(bytes)
  }

  /** Sends a command and reads its reply; an error reply is an `Error`. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever they expect
  async ask(...args: readonly string[]): Promise<any> {
    this.send(...args)
    return this.read()
  }

  /** The next reply; `'closed'` where there is none any more. */
  async read(): Promise<unknown> {
    for (;;) {
      const read = readReply(this.#text, 0)
      if (read !== null) {
        this.#text = this.#text.subarray(read.end)
        return read.value
      }
      if (this.#closed) return 'closed'
      await new Promise<void>((resolve) => {
        this.#arrived = resolve
      })
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.destroy()
  }
}

interface Read {
  readonly value: unknown
  readonly end: number
}

function readReply(bytes: Buffer, at: number): Read | null {
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
