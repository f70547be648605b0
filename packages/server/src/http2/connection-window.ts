import type { FrameWriter } from './frame-writer.ts'
import { INITIAL_WINDOW_BYTES } from './settings.ts'

/** Octets that a client may have on their way to us, on all streams together. */
const WINDOW_BYTES = 1024 * 1024

/**
 * The window of a connection for what arrives (RFC 9113, section 5.2). It is given back whatever becomes of the octets: were it kept,
 * one stream that waits would stop all others. So it cannot be exceeded either, since half of it is always open.
 */
export class ConnectionWindow {
  #owedBytes = 0

  /** What a connection begins with is made more. */
  open(writer: FrameWriter): void {
    writer.windowUpdate(0, WINDOW_BYTES - INITIAL_WINDOW_BYTES)
  }

  /** So many octets have arrived. */
  giveBack(bytes: number, writer: FrameWriter): void {
    this.#owedBytes += bytes
    if (this.#owedBytes < WINDOW_BYTES / 2) return
    writer.windowUpdate(0, this.#owedBytes)
    this.#owedBytes = 0
  }
}
