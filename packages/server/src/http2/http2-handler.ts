/** The seam of HTTP/2: requests and what answers them. Nothing else in the product knows of frames. */
import type { HeaderField } from './hpack/hpack-field.ts'

/** The head of a request that is well-formed by RFC 9113, section 8.3. Shared by requests: never written to. */
export interface RequestHead {
  readonly method: string
  /** Empty for CONNECT. */
  readonly scheme: string
  /** That of `:authority`, else of `host`; empty where there is neither. */
  readonly authority: string
  /** Empty for CONNECT. */
  readonly path: string
  /** Without pseudo-fields. */
  readonly fields: readonly HeaderField[]
}

/**
 * What answers the requests of a connection. It is called for each stream in this order, and `onAborted` last of all. Of a stream
 * that it has answered wholly, or reset, it is told nothing more. Where it throws, the stream is reset. For a request that is not whole
 * it does nothing that matters, unless it holds it: such a request may be refused, for its client to make it again.
 */
export interface Http2Handler {
  /** The answer to a head that is too large to be read, and ends the stream; status 431 alone where this is missing. */
  readonly tooLargeAnswer?: readonly HeaderField[] | undefined
  /** A request has begun; `isWhole` where no body follows. */
  onRequest(stream: Http2Stream, head: RequestHead, isWhole: boolean): void
  /** A part of its body, from `start` to `end`. The octets are those of the socket: what is kept is copied. */
  onData(stream: Http2Stream, octets: Buffer, start: number, end: number): void
  /** The request is whole; not called where `onRequest` said so. */
  onEnd(stream: Http2Stream): void
  /** The stream has ended before its answer was complete: its client has left, or was sent away. */
  onAborted(stream: Http2Stream): void
  /** All that waited has been sent, after `write` has answered false. */
  onDrain(stream: Http2Stream): void
}

/** A request on its way, and its answer. Whatever is done to one that has ended is ignored. */
export interface Http2Stream {
  /** Whatever the handler keeps for it. */
  state: unknown
  /**
   * Whether work goes on for it that its end does not stop. Such a stream keeps its place among those of `streamsMax` after its end,
   * so that nobody has more work done by giving up what has begun. Set it before the work, and unset it behind.
   * @default false
   */
  isBusy: boolean
  /** Whose connection it is: an address, or `unix`; undefined where that is not known. */
  readonly peer: string | undefined
  /** Whether nothing more can be answered. */
  readonly hasEnded: boolean

  /** The whole answer at once: a head, a body where there is one, trailers where there are some. The octets can be used again. */
  respond(
    head: readonly HeaderField[],
    body: Uint8Array | null,
    trailers: readonly HeaderField[] | null,
  ): void

  /** The head of an answer that is written part by part. */
  open(head: readonly HeaderField[]): void
  /** A part of its body, whose octets can be used again; false where it is best to wait for `onDrain`. */
  write(octets: Uint8Array): boolean
  /** Its end. */
  finish(trailers: readonly HeaderField[] | null): void

  /** Ends the stream by an error code (RFC 9113, section 7). */
  reset(code: number): void
  /**
   * From now on the client may send no more of the body than `release` gives back, beyond the window that it has: for bodies of any
   * length. Without it, what has arrived is given back at once, and bodies are bounded.
   */
  hold(): void
  release(octets: number): void
  /** Leaves the connection of this stream without an age: see `Http2Limits`. */
  keepConnection(): void
}
