import type { Duplex, Readable } from 'node:stream'
import type { Tunnel, TunnelEnds } from './tunnel.ts'
import type { FailureReason, UpstreamFailure } from './upstream-failures.ts'

/** The servers behind a route, as one. */
export interface UpstreamGroup {
  /** Sends a request to one of the targets. The receiver is told nothing before this returns. */
  forward(request: UpstreamRequest, receiver: Receiver): Forwarding
  /** Connects a client, once it was told that the protocol changed, with the socket of `onUpgrade`; `timeouts.idleMs` holds. */
  tunnel(ends: TunnelEnds): Tunnel
}

/** A request as the target gets it. */
export interface UpstreamRequest {
  /** In upper case. */
  readonly method: string
  /** With its query; begins with a slash. */
  readonly path: string
  /**
   * All header fields in flat pairs, names in lower case, with host, what is told of the client, and identity. Those that concern a
   * connection or the framing of the body are left out and made anew.
   */
  readonly fields: readonly string[]
  /** Read only as fast as the target takes it, and never destroyed; null: there is none. */
  readonly body: Readable | null
  /** From `Content-Length`; null: the body is sent in chunks. */
  readonly contentLength: number | null
  /** Whether doing it twice is the same as once. */
  readonly isIdempotent: boolean
  /** The protocol that it asks to change to. */
  readonly upgrade: 'websocket' | null
}

/** Who gets the response. After `onEnd`, `onFailure` or `onUpgrade`, and after `abort`, nothing is called any more. */
export interface Receiver {
  /** End-to-end fields only, in flat pairs, names in lower case, texts in latin1; `statusText` may be empty. */
  onHead(status: number, fields: string[], statusText: string): void
  /** False: no more until `resume` is called, which is not to happen within this call. */
  onData(chunk: Buffer): boolean
  onEnd(): void
  /** Where it has begun, the connection of the client has to be destroyed, so that nobody takes it for whole. */
  onFailure(failure: Failure): void
  /** The target changed the protocol; the socket has all that it sent after its head. Without this, no request may ask for it. */
  onUpgrade?(fields: string[], socket: Duplex): void
}

/** Why there is no response, or not all of it. */
export interface Failure extends UpstreamFailure {
  readonly why: FailureReason
  /** Whether `onHead` was called. */
  readonly hasBegun: boolean
}

/** A request on its way. */
export interface Forwarding {
  /** Name of the target that it goes to, or went to last, without credentials. */
  readonly target: string
  /**
   * Whether no more of the request's body is to be read. Where it is false at the end, the target answered early: the client's
   * connection can be used again only once the rest was read.
   */
  readonly isBodyRead: boolean
  /** Goes on after `onData` returned false. */
  resume(): void
  /** Cancels it at once, at the target as well. */
  abort(): void
}
