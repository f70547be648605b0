/** What small parts are gathered in, at least and at most. */
const GATHERED_BYTES_MIN = 256
const GATHERED_BYTES_MAX = 16 * 1024

/**
 * Octets that wait to be sent: copies, since those who wrote them use theirs again. Small parts are gathered, so that what is held is
 * at most twice of what was written, and a little.
 */
export class SendQueue {
  readonly #parts: Buffer[] = []
  /** Octets of the first part that are gone. */
  #gone = 0
  /** Octets of the last part that are filled. */
  #filled = 0
  bytes = 0

  push(octets: Uint8Array): void {
    const last = this.#parts.at(-1)
    const fitting = last === undefined ? 0 : Math.min(last.length - this.#filled, octets.length)
    last?.set(octets.subarray(0, fitting), this.#filled)
    this.#filled += fitting
    this.bytes += octets.length
    if (fitting < octets.length) this.#add(octets.subarray(fitting))
  }

  /** What is next, from `start` on. */
  get first(): Buffer {
    const first = this.#parts[0] as Buffer
    return this.#parts.length === 1 ? first.subarray(0, this.#filled) : first
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

  /** The first one takes what it needs: mostly it is an answer, and all of it. */
  #add(octets: Uint8Array): void {
    const room = Math.min(Math.max(this.bytes - octets.length, GATHERED_BYTES_MIN), GATHERED_BYTES_MAX)
    const isFirst = this.#parts.length === 0
    const part = Buffer.allocUnsafeSlow(isFirst ? octets.length : Math.max(octets.length, room))
    part.set(octets)
    this.#parts.push(part)
    this.#filled = octets.length
  }
}
