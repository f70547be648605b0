/** Octets that wait to be sent: copies, since those who wrote them use theirs again. */
export class SendQueue {
  readonly #parts: Buffer[] = []
  /** Octets of the first part that are gone. */
  #gone = 0
  bytes = 0

  push(octets: Uint8Array): void {
    this.#parts.push(Buffer.from(octets))
    this.bytes += octets.length
  }

  /** What is next, from `start` on. */
  get first(): Buffer {
    return this.#parts[0] as Buffer
  }

  get start(): number {
    return this.#gone
  }

  advance(bytes: number): void {
    this.bytes -= bytes
    this.#gone += bytes
    if (this.#gone < this.first.length) return
    this.#parts.shift()
    this.#gone = 0
  }
}
