import type { Socket } from 'node:net'
import { BufferPool } from './buffer-pool.ts'
import { GuardedHandler } from './guarded-handler.ts'
import { type Http2Clock, SYSTEM_CLOCK } from './http2-clock.ts'
import { Http2Connection } from './http2-connection.ts'
import { type ConnectionEnd, createHttp2Counts, type Http2Counts } from './http2-counts.ts'
import type { Http2Handler } from './http2-handler.ts'
import type { Http2Limits } from './http2-limits.ts'
import { Peers } from './peers.ts'
import type { ServerParts } from './server-parts.ts'

export interface Http2ServerOptions {
  /** @default that of the system */
  readonly clock?: Http2Clock
  /**
   * Who counts as one peer where octets are held.
   * @default each address for itself
   */
  readonly groupOf?: (peer: string) => string
  /** Told of what the handler throws, and of faults of the server itself: they end a stream, or a connection. */
  readonly onFault?: (reason: unknown) => void
  /** Told of each connection that was ended before its client wanted. */
  readonly onEnd?: (why: ConnectionEnd) => void
}

/** Serves HTTP/2, without upgrade (RFC 9113, section 3.3), on connections that it is given, plain or encrypted. */
export class Http2Server {
  readonly #parts: ServerParts
  readonly #peers: Peers
  readonly #connections = new Set<Http2Connection>()
  #stopSweeping: (() => void) | null = null
  #isDraining = false
  #isDestroyed = false

  constructor(
    handler: Http2Handler,
    limits: Http2Limits,
    {
      clock = SYSTEM_CLOCK,
      groupOf = (peer) => peer,
      onFault = () => {},
      onEnd = () => {},
    }: Http2ServerOptions = {},
  ) {
    this.#peers = new Peers(groupOf)
    const counts = createHttp2Counts()
    const guarded = new GuardedHandler(handler, (reason) => {
      counts.streams.fault += 1
      onFault(reason)
    })
    const end = (why: ConnectionEnd): void => {
      counts.connections[why] += 1
      onEnd(why)
    }
    this.#parts = { handler: guarded, limits, clock, pool: new BufferPool(), counts, onFault, onEnd: end }
  }

  get counts(): Http2Counts {
    return this.#parts.counts
  }

  /** `peer` is who is at the other end, if that is known. */
  take(socket: Socket, peer: string | undefined): void {
    if (this.#isDestroyed) socket.destroy()
    if (socket.destroyed) return
    const holding = this.#peers.add(peer)
    const connection = new Http2Connection(socket, this.#parts, { peer, holding })
    this.#connections.add(connection)
    socket.once('close', () => {
      this.#connections.delete(connection)
      this.#peers.delete(peer)
      if (this.#connections.size === 0) this.#stop()
    })
    this.#stopSweeping ??= this.#parts.clock.everySecond(() => this.#sweep())
    connection.start()
    // The handshake of an encrypted one may have begun before.
    if (this.#isDraining) connection.shutdown.begin()
  }

  /** Tells clients to go elsewhere (two GOAWAY), and ends their connections once requests under way are answered. */
  drain(): void {
    this.#isDraining = true
    for (const { shutdown } of this.#connections) shutdown.begin()
  }

  /** Cuts off what is left. */
  destroy(): void {
    this.#isDestroyed = true
    for (const connection of this.#connections) connection.destroy()
  }

  #sweep(): void {
    for (const connection of this.#connections) connection.sweep()
  }

  #stop(): void {
    this.#stopSweeping?.()
    this.#stopSweeping = null
  }
}
