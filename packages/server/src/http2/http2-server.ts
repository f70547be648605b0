import type { Socket } from 'node:net'
import type { Http2Handler } from './http2-handler.ts'
import type { Http2Limits } from './http2-limits.ts'

/** Serves HTTP/2, without upgrade (RFC 9113, section 3.3), on connections that it is given, plain or encrypted. */
export class Http2Server {
  constructor(handler: Http2Handler, limits: Http2Limits) {
    void handler
    void limits
    throw new Error('not yet')
  }

  /** `peer` is who is at the other end, if that is known. */
  take(socket: Socket, peer: string | undefined): void {
    void socket
    void peer
  }

  /** Tells clients to go elsewhere (two GOAWAY), and ends their connections once requests under way are answered. */
  drain(): void {}

  /** Cuts off what is left. */
  destroy(): void {}
}
