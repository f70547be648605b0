import type { Socket } from 'node:net'
import type { Output } from './output.ts'
import { UNSENT_BYTES_MAX } from './sending.ts'

/** Reads nothing from a client that does not read. */
export class Backpressure {
  readonly #socket: Socket
  readonly #output: Output
  /** Whether nothing is read for now. */
  isOn = false

  constructor(socket: Socket, output: Output) {
    this.#socket = socket
    this.#output = output
  }

  /** Something was written. */
  onWritten(): void {
    if (this.isOn || this.#output.unsentBytes <= UNSENT_BYTES_MAX) return
    this.isOn = true
    this.#socket.pause()
  }

  /** The system has taken something; false where that is not enough to go on. */
  onTaken(): boolean {
    if (this.#output.unsentBytes > UNSENT_BYTES_MAX / 2) return false
    if (this.isOn) this.#socket.resume()
    this.isOn = false
    return true
  }
}
