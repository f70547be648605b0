import { Readable } from 'node:stream'

/**
 * The body of a request on its way to a target. It reads from its source, only once it is read itself, and at the pace at which it is;
 * unlike the source, whose destruction ends the client's connection, it may be destroyed: the source is then left, paused.
 */
export class UpstreamBody extends Readable {
  readonly #source: Readable
  readonly #onProgress: (bytes: number) => void
  #isAttached = false
  #isBroken = false

  /** `onProgress` is called with the length of each piece that is read, and at the end. */
  constructor(source: Readable, onProgress: (bytes: number) => void) {
    super()
    this.#source = source
    this.#onProgress = onProgress
    // Whoever reads it is told as well, and may have left by then.
    this.on('error', () => {})
  }

  /** Whether the source ended before the body did. */
  get isBroken(): boolean {
    return this.#isBroken
  }

  override _read(): void {
    if (this.#isAttached) {
      this.#source.resume()
      return
    }
    this.#isAttached = true
    const source = this.#source
    if (source.readableEnded) this.#onEnd()
    else if (source.destroyed) this.#onClose()
    else
      source
        .on('data', this.#onData)
        .on('end', this.#onEnd)
        .on('error', this.#onClose)
        .on('close', this.#onClose)
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    if (this.#isAttached) {
      const source = this.#source
      source.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onClose)
      // Its error, which may come late, stays heard.
      source.pause()
    }
    callback(error)
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#onProgress(chunk.length)
    if (!this.push(chunk)) this.#source.pause()
  }

  readonly #onEnd = (): void => {
    this.#onProgress(0)
    this.push(null)
  }

  readonly #onClose = (): void => {
    if (this.#source.readableEnded) return
    this.#isBroken = true
    this.destroy(new Error('The body of the request broke off.'))
  }
}
