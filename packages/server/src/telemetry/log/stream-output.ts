import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { causeOf, type LineOutput, LostLines, linesIn, type OnRestored } from './line-output.ts'

/** What waits for a reader: some thousand lines. More than that is lost. */
const WAITING_BYTES_MAX = 1024 * 1024
const CLOSE_MS = 1000

/** A pipe or a socket, whose reader may be slow, or gone: lines wait in memory, up to a bound. */
export class StreamOutput implements LineOutput {
  readonly #stream: Writable
  readonly #lost: LostLines

  constructor(stream: Writable, onRestored: OnRestored) {
    this.#stream = stream
    this.#lost = new LostLines(onRestored)
    // The callback of each write has counted its lines.
    stream.on('error', () => {})
    stream.on('drain', () => this.#lost.written())
  }

  get lost(): number {
    return this.#lost.total
  }

  write(lines: string): void {
    const stream = this.#stream
    if (stream.writableLength + lines.length > WAITING_BYTES_MAX) {
      this.#lost.add('slow reader', linesIn(lines))
      return
    }
    stream.write(lines, (reason) => {
      if (reason) this.#lost.add(causeOf(reason), linesIn(lines))
    })
  }

  async close(): Promise<void> {
    const stream = this.#stream
    if (stream.destroyed) return
    stream.end()
    // A reader that does not read gets what it has read.
    await once(stream, 'finish', { signal: AbortSignal.timeout(CLOSE_MS) }).catch(() => {})
    stream.destroy()
  }
}
