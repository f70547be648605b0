import { INTERNAL_ERROR } from './error-codes.ts'
import type { HeaderField } from './hpack/hpack-field.ts'
import type { Http2Handler, Http2Stream, RequestHead } from './http2-handler.ts'

/** A handler that may fail: that ends its stream, and no more than that. */
export class GuardedHandler implements Http2Handler {
  readonly tooLargeAnswer: readonly HeaderField[] | undefined
  readonly #handler: Http2Handler
  readonly #onFault: (reason: unknown) => void

  constructor(handler: Http2Handler, onFault: (reason: unknown) => void) {
    this.#handler = handler
    this.#onFault = onFault
    this.tooLargeAnswer = handler.tooLargeAnswer
  }

  onRequest(stream: Http2Stream, head: RequestHead, isWhole: boolean): void {
    try {
      this.#handler.onRequest(stream, head, isWhole)
    } catch (reason) {
      this.#end(stream, reason)
    }
  }

  // biome-ignore lint/complexity/useMaxParams: as it is called for each piece
  onData(stream: Http2Stream, octets: Buffer, start: number, end: number): void {
    try {
      this.#handler.onData(stream, octets, start, end)
    } catch (reason) {
      this.#end(stream, reason)
    }
  }

  onEnd(stream: Http2Stream): void {
    try {
      this.#handler.onEnd(stream)
    } catch (reason) {
      this.#end(stream, reason)
    }
  }

  onAborted(stream: Http2Stream): void {
    try {
      this.#handler.onAborted(stream)
    } catch (reason) {
      this.#end(stream, reason)
    }
  }

  onDrain(stream: Http2Stream): void {
    try {
      this.#handler.onDrain(stream)
    } catch (reason) {
      this.#end(stream, reason)
    }
  }

  #end(stream: Http2Stream, reason: unknown): void {
    stream.isBusy = false
    stream.reset(INTERNAL_ERROR)
    this.#onFault(reason)
  }
}
