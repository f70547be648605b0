/** A server of HTTP/2 alone, over sockets, whose handler is that of probes. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import type { Http2Limits } from '../../src/http2/http2-limits.ts'
import { Http2Server } from '../../src/http2/http2-server.ts'
import type { Setting } from './octets.ts'
import { ProbeHandler } from './probe-handler.ts'
import { RawClient } from './raw-client.ts'
import { rethrow } from './wire.ts'

/** Far above what tests need on a busy machine. */
export const LIMITS: Http2Limits = {
  streamsMax: 256,
  requestTimeoutMs: 600_000,
  keepaliveMs: 600_000,
  keepaliveTimeoutMs: 600_000,
  ageMs: 3_600_000,
  ageGraceMs: 600_000,
}

/** Of `listen()`, which has to come first. */
export class ProbeServer implements AsyncDisposable {
  readonly handler: ProbeHandler = new ProbeHandler()
  readonly http2: Http2Server
  #listener: Server | null = null
  #port = 0

  constructor(limits: Partial<Http2Limits> = {}) {
    this.http2 = new Http2Server(this.handler, { ...LIMITS, ...limits }, { onFault: rethrow })
  }

  static async listening(limits: Partial<Http2Limits> = {}): Promise<ProbeServer> {
    const server = new ProbeServer(limits)
    await server.listen()
    return server
  }

  /** Listens, on a port that is returned; a listener of TLS brings its certificate. */
  async listen(listener: Server = createServer()): Promise<number> {
    this.#listener = listener
    const isSecure = 'setSecureContext' in listener
    listener.on(isSecure ? 'secureConnection' : 'connection', (socket: Socket) =>
      this.http2.take(socket, socket.remoteAddress),
    )
    await once(listener.listen(0, '127.0.0.1'), 'listening')
    this.#port = (listener.address() as AddressInfo).port
    return this.#port
  }

  /** A client that has said nothing yet. */
  connect(): RawClient {
    return new RawClient(connect(this.#port, '127.0.0.1'))
  }

  /** A client that has greeted. */
  greeted(...given: readonly Setting[]): RawClient {
    const client = this.connect()
    client.greet(...given)
    return client
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.http2.destroy()
    const listener = this.#listener
    if (listener !== null) await new Promise((resolve) => listener.close(resolve))
  }
}
