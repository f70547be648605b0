import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'

/** A socket without a network: what is written counts as taken at once or, for a lazy one, when the test says so. */
export class FakeSocket extends Duplex {
  readonly remoteAddress: string | undefined
  /** Writes whose octets are not looked at yet: whoever changes them changes what arrives. */
  readonly #untaken: { readonly octets: Buffer; readonly done: () => void }[] = []
  #taken: Buffer[] = []
  isLazy = false
  /** Writes so far. */
  writes = 0

  constructor(remoteAddress: string | undefined = '192.0.2.1') {
    super({ allowHalfOpen: false })
    this.remoteAddress = remoteAddress
  }

  /** Itself, for those who take sockets alone. */
  get socket(): Socket {
    return this as unknown as Socket
  }

  setNoDelay(): void {}

  /** What has arrived at the client since this was called before. */
  arrived(): Buffer {
    const octets = Buffer.concat(this.#taken)
    this.#taken = []
    return octets
  }

  /** Takes the oldest write that was not taken; false without any. */
  takeOne(): boolean {
    const oldest = this.#untaken.shift()
    if (oldest === undefined) return false
    this.#taken.push(Buffer.from(oldest.octets))
    oldest.done()
    return true
  }

  override _read(): void {}

  override _write(octets: Buffer, _encoding: string, done: () => void): void {
    this.writes += 1
    this.#untaken.push({ octets, done })
    if (!this.isLazy) this.takeOne()
  }
}
