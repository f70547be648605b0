import { Transform, type TransformCallback } from 'node:stream'

/** What a body is held to that does not say how long it is. */
export interface BodyLimits {
  readonly bytesMax: number
  /** Called once it is longer: nothing more comes of it. */
  readonly onTooLong: () => void
  /** Whether it may be empty: where it must not, it breaks off in place of an end. */
  readonly mayBeEmpty: boolean
}

/** A body that does not say how long it is, up to a size. */
export class LimitedBody extends Transform {
  #left: number
  #isEmpty = true
  readonly #limits: BodyLimits

  constructor(limits: BodyLimits) {
    super()
    this.#left = limits.bytesMax
    this.#limits = limits
    // Whoever reads it hears of the end by itself, and may not have begun, or have left.
    this.on('error', () => {})
  }

  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    this.#isEmpty = false
    this.#left -= chunk.length
    if (this.#left >= 0) done(null, chunk)
    else this.#limits.onTooLong()
  }

  override _flush(done: TransformCallback): void {
    done(this.#isEmpty && !this.#limits.mayBeEmpty ? new Error('The body was not read.') : null)
  }
}
