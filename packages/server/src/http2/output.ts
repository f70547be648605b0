import type { Socket } from 'node:net'
import type { BufferPool } from './buffer-pool.ts'

const NOTHING: Buffer = Buffer.alloc(0)

/**
 * What goes out to a client: frames are encoded one behind the other into a pooled buffer, which leaves in one write. It is used
 * again as soon as the system took it: nearly always at once, which shows by `writableLength`; else when the write has ended.
 */
export class Output {
  readonly #socket: Socket
  readonly #pool: BufferPool
  readonly #onTaken: () => void
  /** Writes that were not told to have ended, each with its buffer where that is still read. */
  readonly #writes: (Buffer | null)[] = []
  #isEnded = false
  /** Where the next frame is encoded, once there is room for it. */
  octets: Buffer = NOTHING
  at = 0
  /** Writes that have ended. */
  takenWrites = 0

  /** `onTaken` is told of each write that has ended. */
  constructor(socket: Socket, pool: BufferPool, onTaken: () => void) {
    this.#socket = socket
    this.#pool = pool
    this.#onTaken = onTaken
  }

  /** Octets that the system did not take yet. */
  get unsentBytes(): number {
    return this.#socket.writableLength
  }

  /** Makes room for as many octets, and returns where it begins. They have to fit into a pooled buffer. */
  reserve(bytes: number): number {
    if (this.at + bytes > this.octets.length) {
      this.#write()
      if (this.octets.length === 0) this.octets = this.#pool.take()
    }
    return this.at
  }

  /** Sends what is encoded, and holds no buffer any more. */
  flush(): void {
    this.#write()
    if (this.octets.length > 0) this.#pool.give(this.octets)
    this.octets = NOTHING
  }

  /** Says goodbye behind all that was encoded. */
  end(): void {
    this.flush()
    this.#isEnded = true
    this.#socket.end()
  }

  #write(): void {
    const bytes = this.at
    this.at = 0
    if (bytes === 0 || this.#isEnded || !this.#socket.writable) return
    const { octets } = this
    this.#writes.push(octets)
    this.#socket.write(octets.subarray(0, bytes), this.#onWritten)
    if (this.#socket.writableLength === 0) this.#writes[this.#writes.length - 1] = null
    else this.octets = NOTHING
  }

  readonly #onWritten = (reason: Error | null | undefined): void => {
    const octets = this.#writes.shift()
    // Of a write that has failed nobody knows whether the system still reads it.
    if (octets && !reason) this.#pool.give(octets)
    this.takenWrites += 1
    this.#onTaken()
  }
}
