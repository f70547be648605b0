/** A socket without a network: what is given to it arrives at once, and what is written to it is taken when a test wants. */
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'

export class MemorySocket extends Duplex {
  readonly remoteAddress = '192.0.2.1'
  /** Whether writes wait for {@link takeOne}: only then their octets are looked at, as a kernel may do. */
  isLazy: boolean
  /** What was taken. */
  readonly taken: Buffer[] = []
  #waiting: { readonly chunk: Buffer; readonly done: () => void } | null = null
  /** Whether the other side has said that nothing more comes. */
  hasEnded = false

  constructor(isLazy = false) {
    super({ allowHalfOpen: true, decodeStrings: true })
    this.isLazy = isLazy
    // A connection that is cut off is no fault of a test.
    this.on('error', () => {})
  }

  /** As those take it that know sockets only. */
  asSocket(): Socket {
    return this as unknown as Socket
  }

  /** Octets arrive. */
  receive(octets: Buffer): void {
    if (!this.destroyed && octets.length > 0) this.push(octets)
  }

  /** No more octets arrive. */
  receiveEnd(): void {
    if (!this.destroyed) this.push(null)
  }

  /** Takes what waits; false where nothing does. */
  takeOne(): boolean {
    if (this.#waiting === null) return false
    const { chunk, done } = this.#waiting
    this.#waiting = null
    // Of a buffer of its own: one of a pool would keep all of the pool.
    this.taken.push(Buffer.from(new Uint8Array(chunk).buffer))
    done()
    return true
  }

  /** All octets that were taken. */
  output(): Buffer {
    return Buffer.concat(this.taken)
  }

  setNoDelay(): this {
    return this
  }

  setKeepAlive(): this {
    return this
  }

  setTimeout(): this {
    return this
  }

  destroySoon(): void {
    this.end(() => this.destroy())
  }

  resetAndDestroy(): this {
    return this.destroy()
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#waiting = { chunk, done }
    if (!this.isLazy) this.takeOne()
  }

  override _final(done: () => void): void {
    this.hasEnded = true
    done()
  }
}
