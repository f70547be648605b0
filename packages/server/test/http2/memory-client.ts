import type { Http2Server } from '../../src/http2/http2-server.ts'
import { FrameLog } from './frame-log.ts'
import { MemorySocket } from './memory-socket.ts'
import { PREFACE, type Setting, settings, settingsAck } from './octets.ts'

/** A client without a network: what it sends has been read when `send` returns. */
export class MemoryClient extends FrameLog {
  readonly socket: MemorySocket
  #taken = 0

  private constructor() {
    super()
    this.socket = new MemorySocket()
  }

  static async connect(server: Http2Server, peer = '192.0.2.1'): Promise<MemoryClient> {
    const client = new MemoryClient()
    server.take(client.socket.asSocket(), peer)
    // A socket begins to flow in the turn after.
    await turn()
    return client
  }

  greet(...given: readonly Setting[]): void {
    this.send(PREFACE, settings(...given), settingsAck)
  }

  send(...octets: readonly Buffer[]): void {
    this.socket.receive(Buffer.concat(octets))
    this.look()
  }

  /** Reads what has come meanwhile. */
  look(): void {
    for (; this.#taken < this.socket.taken.length; this.#taken++)
      this.read(this.socket.taken[this.#taken] as Buffer)
  }

  leave(): void {
    this.socket.destroy()
  }
}

/** Everything that waits for the next turn is done then. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
