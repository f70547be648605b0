import type { RequestReader } from '../http/request-reader.ts'

/** How a response ended. */
export interface Outcome {
  /** Status of the response. */
  readonly status: number
  /** Whether the connection ended before the response did. */
  readonly aborted: boolean
  /** Bytes of the body that were sent; 0 where the framework does not tell. */
  readonly bytes: number
  /** From the decision to the end of the response, in milliseconds with fractions. */
  readonly durationMs: number
}

/** What an adapter tells of the end of a response; the middleware knows when it began. */
export type ResponseEnd = Omit<Outcome, 'durationMs'>

/** One request and its response, as the middleware sees them; each adapter makes it of what its framework has. */
export interface Exchange<R> extends RequestReader {
  /** The request as the functions of the options get it. */
  readonly request: R
  /** One object for all limiters of one request, which may be given a property of theirs. */
  readonly identity: object
  /** Sets a header field of the response, in place of an earlier one of this name. */
  setHeader(name: string, value: string): void
  /** A header field of the response, as it is now; undefined where it is not set. */
  getHeader(name: string): string | undefined
  /** Calls `listener` once, when the response has ended or its connection was lost. */
  onEnd(listener: (end: ResponseEnd) => void): void
  /** Aborts when the client goes away; undefined where the framework does not tell. */
  readonly signal: AbortSignal | undefined
}
