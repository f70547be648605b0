/** Long enough for the answers to a whole read of small requests. */
const POOLED_BYTES = 64 * 1024
/** More than this many are left to the garbage collector. */
const KEPT_MAX = 32

/** Buffers in which frames are encoded, shared by the connections of a server. */
export class BufferPool {
  readonly #free: Buffer[] = []

  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(POOLED_BYTES)
  }

  /** Gives one back, of which nobody reads any more. */
  give(buffer: Buffer): void {
    if (this.#free.length < KEPT_MAX) this.#free.push(buffer)
  }
}
