/** A connection that has become another protocol. */
export interface Tunnel {
  /** Says goodbye in that protocol, where that is possible, then closes. */
  end(): void
  /** Closes at once. */
  destroy(): void
}

/** Connections that are no HTTP any more, which a server does not know of. */
export class OpenTunnels {
  readonly #open = new Set<Tunnel>()
  #isEnding = false

  /** Remembers one until the function returned is called. */
  add(tunnel: Tunnel): () => void {
    this.#open.add(tunnel)
    if (this.#isEnding) tunnel.end()
    return () => void this.#open.delete(tunnel)
  }

  /** Ends all, and those to come. */
  end(): void {
    this.#isEnding = true
    for (const tunnel of this.#open) tunnel.end()
  }

  destroy(): void {
    for (const tunnel of this.#open) tunnel.destroy()
  }
}
