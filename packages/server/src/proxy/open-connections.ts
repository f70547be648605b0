import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'

/** How long a connection that is new gets to send its first request, once a server takes no others. */
const FIRST_REQUEST_MS = 1000
/** How often it is looked for connections whose last response has ended. */
const SWEEP_MS = 100

/** The connections of a server, of which Node leaves some open once it has closed the server. */
export class OpenConnections {
  readonly #server: Server
  readonly #open = new Set<Socket>()
  readonly #unused = new Set<Socket>()

  constructor(server: Server, isSecure: boolean) {
    this.#server = server
    server.on('connection', (socket: Socket) => {
      this.#open.add(socket)
      socket.once('close', () => this.#open.delete(socket))
    })
    server.on(isSecure ? 'secureConnection' : 'connection', (socket: Socket) => {
      // Those of HTTP/2 are told to end.
      if ((socket as Partial<TLSSocket>).alpnProtocol === 'h2') return
      this.#unused.add(socket)
      socket.once('close', () => this.#unused.delete(socket))
    })
  }

  /** A request came by this connection. */
  used(socket: Socket): void {
    this.#unused.delete(socket)
  }

  /**
   * Takes no new connections, and resolves once the last one is closed: each is when its requests are answered. Those that have not
   * brought any are closed after a second; Node would wait for them.
   */
  async drain(): Promise<void> {
    const server = this.#server
    const closed = new Promise((resolve) => server.close(resolve))
    const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS)
    const giveUp = setTimeout(() => {
      for (const socket of this.#unused) socket.destroy()
    }, FIRST_REQUEST_MS)
    await closed
    clearInterval(sweep)
    clearTimeout(giveUp)
  }

  /** Takes no new connections, and ends all at once. */
  close(): void {
    this.#server.close()
    for (const socket of this.#open) socket.destroy()
  }
}
