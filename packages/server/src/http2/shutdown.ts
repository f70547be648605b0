import type { Connection } from './connection.ts'
import { NO_ERROR } from './error-codes.ts'
import { MAX_31_BITS } from './frame.ts'

/** What our PING behind the first GOAWAY is known by. */
const MARK = 1
/** Seconds that a client has to answer it. */
const ANSWER_S = 3

/**
 * Ends a connection so that no request is lost (RFC 9113, section 6.8): a GOAWAY asks for no more streams, and a PING behind it tells
 * when the client knows. A second GOAWAY then names the last stream that will be answered, and once it is the connection ends.
 */
export class Shutdown {
  readonly #connection: Connection
  #isAsked = false
  #seconds = 0
  /** Whether no more streams are taken up. */
  isFinal = false

  constructor(connection: Connection) {
    this.#connection = connection
  }

  begin(): void {
    if (this.#isAsked) return
    this.#isAsked = true
    const { writer } = this.#connection
    writer.goaway(MAX_31_BITS, NO_ERROR)
    writer.ping(MARK)
    this.#connection.touch()
  }

  get isAsked(): boolean {
    return this.#isAsked
  }

  /** Whether the answer is to our PING. */
  onPong(mark: number): boolean {
    if (mark !== MARK || !this.#isAsked || this.isFinal) return false
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
