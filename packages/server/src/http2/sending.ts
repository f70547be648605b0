import { MAX_31_BITS } from './frame.ts'
import type { Output } from './output.ts'
import { INITIAL_WINDOW_BYTES } from './settings.ts'

/** Of bodies no more is handed to the system than this, before it has taken what it has. */
export const UNSENT_BYTES_MAX = 256 * 1024

/** A stream that sends. */
export interface Sender {
  /** What its window is beyond that with which streams begin. */
  credit: number
  /** Sends a frame of what waits; false where there is no room for any. */
  sendWaiting(): boolean
}

/** How much a client lets us send (RFC 9113, section 5.2), and the streams whose bodies wait for that. */
export class Sending {
  readonly #output: Output
  /** In the order in which they began to wait. */
  readonly #waiting = new Set<Sender>()
  #window = INITIAL_WINDOW_BYTES
  /** The window of a stream is this and its credit, so that no stream has to be touched when settings change it. */
  #initialWindow = INITIAL_WINDOW_BYTES

  constructor(output: Output) {
    this.#output = output
  }

  /** How many octets of a stream may be sent now. */
  roomFor(stream: Sender): number {
    if (this.#output.unsentBytes > UNSENT_BYTES_MAX) return 0
    return Math.max(Math.min(this.#window, this.#initialWindow + stream.credit), 0)
  }

  spend(stream: Sender, bytes: number): void {
    this.#window -= bytes
    stream.credit -= bytes
  }

  wait(stream: Sender): void {
    this.#waiting.add(stream)
  }

  waitNoMore(stream: Sender): void {
    this.#waiting.delete(stream)
  }

  /** False where the window would overflow (section 6.9.1). */
  widen(increment: number): boolean {
    if (this.#window + increment > MAX_31_BITS) return false
    this.#window += increment
    return true
  }

  widenStream(stream: Sender, increment: number): boolean {
    if (this.#initialWindow + stream.credit + increment > MAX_31_BITS) return false
    stream.credit += increment
    return true
  }

  /** Windows of streams may become negative by that (section 6.9.2). False where one would overflow. */
  changeInitialWindow(bytes: number, streams: readonly Sender[]): boolean {
    for (const stream of streams) if (bytes + stream.credit > MAX_31_BITS) return false
    this.#initialWindow = bytes
    return true
  }

  /** Sends what waits and may be sent: a frame of each stream in turn. */
  pump(): void {
    let hasSent = this.#waiting.size > 0
    while (hasSent) {
      hasSent = false
      for (const stream of this.#waiting) if (stream.sendWaiting()) hasSent = true
    }
  }
}
