import { Holding } from './holding.ts'

/** Most octets that are held for all peers together, and for one of them: of answers that wait and requests that are not whole. */
const SERVER_BYTES_MAX = 128 * 1024 * 1024
const PEER_BYTES_MAX = 32 * 1024 * 1024

interface Peer {
  readonly holding: Holding
  connections: number
}

/** Who is connected to a server, and what is held for each. */
export class Peers {
  readonly #all = new Holding(SERVER_BYTES_MAX, null)
  readonly #known = new Map<string, Peer>()
  readonly #groupOf: (peer: string) => string

  /** Peers of one group are one. */
  constructor(groupOf: (peer: string) => string) {
    this.#groupOf = groupOf
  }

  /** What is held for a peer that has one more connection. */
  add(peer: string | undefined): Holding {
    if (peer === undefined) return this.#all
    const group = this.#groupOf(peer)
    const known = this.#known.get(group) ?? {
      holding: new Holding(PEER_BYTES_MAX, this.#all),
      connections: 0,
    }
    this.#known.set(group, known)
    known.connections += 1
    return known.holding
  }

  /** It has one less. */
  delete(peer: string | undefined): void {
    if (peer === undefined) return
    const group = this.#groupOf(peer)
    const known = this.#known.get(group)
    if (known === undefined) return
    known.connections -= 1
    if (known.connections === 0) this.#known.delete(group)
  }
}
