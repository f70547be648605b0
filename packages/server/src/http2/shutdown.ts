import { NO_ERROR } from './error-codes.ts'
import { MAX_31_BITS } from './frame.ts'
import type { FrameWriter } from './frame-writer.ts'
import { LEAVING_MARK } from './ping-marks.ts'

/** Seconds that a client has to answer it. */
const ANSWER_S = 3

/** What is ended. */
interface Leaving {
  readonly writer: FrameWriter
  /** The highest identifier of the streams that were taken up. */
  readonly streams: { readonly highestTaken: number }
  /** Has sent what was written. */
  touch(): void
}

/**
 * Ends a connection so that no request is lost (RFC 9113, section 6.8): a GOAWAY asks for no more streams, and a PING behind it tells
 * when the client knows. A second GOAWAY then names the last stream that will be answered, and once it is the connection ends.
 */
export class Shutdown {
  readonly #connection: Leaving
  #isAsked = false
  #seconds = 0
  /** Whether no more streams are taken up. */
  isFinal = false

  constructor(connection: Leaving) {
    this.#connection = connection
  }

  begin(): void {
    if (this.#isAsked) return
    this.#isAsked = true
    const { writer } = this.#connection
    writer.goaway(MAX_31_BITS, NO_ERROR)
    writer.ping(LEAVING_MARK)
    this.#connection.touch()
  }

  /** The client has seen the first GOAWAY; false where that is no news. */
  onPong(): boolean {
    if (!this.#isAsked || this.isFinal) return false
    this.#finish()
    return true
  }

  sweep(): void {
    if (!this.#isAsked || this.isFinal) return
    this.#seconds += 1
    if (this.#seconds > ANSWER_S) this.#finish()
  }

  #finish(): void {
    this.isFinal = true
    const { writer, streams } = this.#connection
    writer.goaway(streams.highestTaken, NO_ERROR)
    this.#connection.touch()
  }
}
