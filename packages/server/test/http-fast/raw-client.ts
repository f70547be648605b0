/** A client that knows nothing of HTTP: it writes octets and keeps what comes back. */
import { once } from 'node:events'
import { type AddressInfo, connect, type Server, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

/** Where a client connects to. */
export interface RawClientOptions {
  /** Present where the connection is encrypted: nobody is asked who the server is. */
  readonly tls?: true
}

/** Open it with `await using client = await RawClient.open(server)`. */
export class RawClient implements AsyncDisposable {
  readonly socket: Socket
  /** All that came, an octet a character. */
  text = ''
  /** What became of the server's side: it ends in order, or the connection is reset. */
  state: 'open' | 'ended' | 'reset' = 'open'
  #waiting: (() => void) | null = null

  private constructor(socket: Socket) {
    this.socket = socket
    socket.setNoDelay(true)
    socket.on('data', (chunk) => {
      this.text += chunk.toString('latin1')
      this.#wake()
    })
    socket.on('end', () => this.#leave('ended'))
    socket.on('error', () => this.#leave('reset'))
    socket.on('close', () => this.#leave('reset'))
  }

  static async open(server: Server, { tls }: RawClientOptions = {}): Promise<RawClient> {
    const { port } = server.address() as AddressInfo
    const to = { port, host: '127.0.0.1', allowHalfOpen: true }
    const socket = tls ? connectTls({ ...to, rejectUnauthorized: false }) : connect(to)
    const client = new RawClient(socket)
    await once(socket, tls ? 'secureConnect' : 'connect')
    return client
  }

  /** Writes octets, and waits until the system has them. */
  async send(octets: string | Buffer): Promise<void> {
    if (this.socket.destroyed) return
    const bytes = typeof octets === 'string' ? Buffer.from(octets, 'latin1') : octets
    await new Promise<void>((resolve) => this.socket.write(bytes, () => resolve()))
  }

  /** Waits until what came satisfies `enough`; throws where the server ends before. */
  async until(enough: (text: string) => boolean): Promise<string> {
    while (!enough(this.text)) {
      if (this.state !== 'open') throw new Error(`${this.state} after ${JSON.stringify(this.text)}`)
      await this.#change()
    }
    return this.text
  }

  /** All that came until the server has ended its side. */
  async ended(): Promise<string> {
    while (this.state === 'open') await this.#change()
    return this.text
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.socket.closed) return
    const closed = once(this.socket, 'close')
    this.socket.destroy()
    await closed
  }

  #change(): Promise<void> {
    return new Promise((resolve) => (this.#waiting = resolve))
  }

  #leave(state: 'ended' | 'reset'): void {
    if (this.state === 'open') this.state = state
    this.#wake()
  }

  #wake(): void {
    this.#waiting?.()
    this.#waiting = null
  }
}
