import { Transform, type TransformCallback } from 'node:stream'

/** A body that does not say how long it is, up to a size: once it is longer, nothing more comes of it, and that is told. */
export class LimitedBody extends Transform {
  #left: number
  readonly #onTooLong: () => void

  constructor(bytesMax: number, onTooLong: () => void) {
    super()
    this.#left = bytesMax
    this.#onTooLong = onTooLong
    // Whoever reads it hears of the end by itself, and may not have begun, or have left.
    this.on('error', () => {})
  }

  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    this.#left -= chunk.length
    if (this.#left >= 0) done(null, chunk)
    else this.#onTooLong()
  }
}
