import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/** How long a connection that is new gets to send its first request, once a server takes no others. */
const FIRST_REQUEST_MS = 1000
/** How often it is looked for connections whose last response has ended. */
const SWEEP_MS = 100

/** The connections of a server, which Node does not close by itself once it has closed the server: see `drain`. */
export class OpenConnections {
  readonly #server: Server
  readonly #unused = new Set<Socket>()

  constructor(server: Server, isSecure: boolean) {
    this.#server = server
    server.on(isSecure ? 'secureConnection' : 'connection', (socket: Socket) => {
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
}
