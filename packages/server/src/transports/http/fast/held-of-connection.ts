import type { Socket } from 'node:net'
import type { Lane } from './lane.ts'

/** Octets that are held for one connection, which count for its peer. */
export class HeldOfConnection {
  readonly #socket: Socket
  readonly #lane: Lane
  #octets = 0
  /** Once known, as a connection that has ended has no address. */
  #peer: string | null | undefined

  constructor(socket: Socket, lane: Lane) {
    this.#socket = socket
    this.#lane = lane
  }

  /** It is this many now; a connection whose peer has too many is cut off. */
  set(octets: number): void {
    if (octets === this.#octets) return
    const by = octets - this.#octets
    this.#octets = octets
    if (this.#peer === undefined) this.#peer = this.#lane.peerOf(this.#socket)
    if (this.#peer !== null && !this.#lane.hold(this.#peer, by)) this.#socket.destroy()
  }
}
