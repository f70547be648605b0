/** How many octets are held for somebody, who may be one of many: of a peer, which is one of the server. */
export class Holding {
  readonly #max: number
  readonly #outer: Holding | null
  #bytes = 0

  constructor(max: number, outer: Holding | null) {
    this.#max = max
    this.#outer = outer
  }

  /** Takes more, where that is allowed everywhere. */
  take(bytes: number): boolean {
    if (this.#bytes + bytes > this.#max || this.#outer?.take(bytes) === false) return false
    this.#bytes += bytes
    return true
  }

  /** Holds so many from now on; false, and as many as before, where more are not allowed. */
  set(bytes: number): boolean {
    const more = bytes - this.#bytes
    if (more > 0) return this.take(more)
    if (more < 0) this.give(-more)
    return true
  }

  give(bytes: number): void {
    this.#bytes -= bytes
    this.#outer?.give(bytes)
  }
}
