/** One client of a FaultProxy and the connection that is made to the server for him. */
import { Socket } from 'node:net'
import { Lane } from './lane.ts'
import type { Toxics } from './toxics.ts'

const NOTHING = Buffer.alloc(0)

export class ProxiedConnection {
  /** Resolves when neither side is open any more. */
  readonly closed: Promise<void>
  readonly #client: Socket
  readonly #server: Socket = new Socket({ allowHalfOpen: true })
  readonly #lanes: readonly Lane[]
  readonly #toxics: Toxics

  constructor(client: Socket, port: number, toxics: Toxics) {
    this.#client = client
    this.#toxics = toxics
    const server = this.#server
    for (const socket of [client, server]) {
      socket.setNoDelay(true)
      // What follows from an error is done when the socket closes.
      socket.on('error', () => {})
    }
    this.closed = Promise.all([closing(client), closing(server)]).then(() => {})
    this.#lanes = [
      new Lane({ from: client, to: server, toxics, treat: (chunk) => this.#treatRequest(chunk) }),
      new Lane({ from: server, to: client, toxics, treat: (chunk) => this.#treatReply(chunk) }),
    ]
    // A black hole keeps even the greeting to itself.
    void toxics.passage().then(() => {
      if (!server.destroyed) server.connect(port, '127.0.0.1')
    })
  }

  reset(): void {
    this.#stop()
    this.#client.resetAndDestroy()
    this.#server.resetAndDestroy()
  }

  close(): void {
    this.#stop()
    this.#client.destroy()
    this.#server.destroy()
  }

  #stop(): void {
    for (const lane of this.#lanes) lane.stop()
  }

  #treatRequest(chunk: Buffer): Buffer {
    const { nonsense } = this.#toxics
    if (nonsense === null) return chunk
    if (this.#client.writable) this.#client.write(nonsense)
    return NOTHING
  }

  #treatReply(chunk: Buffer): Buffer | null {
    const { nonsense, mutate } = this.#toxics
    if (this.#toxics.takeReplyToDrop()) return null
    if (nonsense !== null) return NOTHING
    return mutate === null ? chunk : mutate(chunk)
  }
}

function closing(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()))
}
