/** The Redis protocol over real sockets, on memory with a clock that tests move. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { memoryStore } from 'headgate'
import { type ManualClock, manualClock } from 'headgate/testing'
import { parseConfig } from '../../src/config/config.ts'
import type { ListenerOptions } from '../../src/listener/listener.ts'
import { createService } from '../../src/service/create-service.ts'
import type { OpenStore, Service } from '../../src/service/service.ts'
import type { Transport } from '../../src/service/transport.ts'
import { createRespTransport } from '../../src/transports/resp/resp-transport.ts'
import { readReply } from './read-reply.ts'

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
