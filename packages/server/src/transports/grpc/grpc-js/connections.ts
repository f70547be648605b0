import type { Socket } from 'node:net'
import { type ConnectionInjector, type Server, ServerCredentials } from '@grpc/grpc-js'
import { credentialsOf, scriptedSocket } from './scripted-socket.ts'

/** How long connections last, in milliseconds. */
export interface ConnectionTimes {
  /** After this, give or take a tenth, a client is told to make another one. */
  readonly ageMs: number
  /** Calls under way then have this long to end. */
  readonly graceMs: number
}

/** How an engine goes about connections. */
export interface ConnectionOptions extends ConnectionTimes {
  /**
   * Whether this thread may end while others of the process go on.
   * @default false
   */
  readonly isWorker?: boolean
}

/** As grpc-js calls whoever has no address. */
const UNKNOWN = 'unknown'

/** No time of its own: who drains says how long it may take. */
const FOREVER_MS = 2 ** 31 - 1

/** The connections of an engine, each of which ends at its age, or when all are to. */
export class Connections {
  readonly #server: Pick<Server, 'createConnectionInjector'>
  readonly #options: ConnectionOptions
  /** Each has an injector of its own, since it is by these that grpc-js ends connections. */
  readonly #open = new Map<Socket, ConnectionInjector>()
  /** Peers of connections that have no age. */
  readonly #kept = new Set<string>()
  #isDraining = false

  constructor(server: Pick<Server, 'createConnectionInjector'>, options: ConnectionOptions) {
    this.#server = server
    this.#options = options
  }

  take(socket: Socket): void {
    const { isWorker = false } = this.#options
    const peer = `${socket.remoteAddress}:${socket.remotePort}`
    // The connection is encrypted already, where it is to be.
    const credentials = isWorker
      ? credentialsOf(socket.remoteAddress === undefined ? UNKNOWN : peer)
      : ServerCredentials.createInsecure()
    const injector = this.#server.createConnectionInjector(credentials)
    this.#open.set(socket, injector)
    const timer = this.#endAtAge(socket, injector, peer)
    socket.once('close', () => {
      clearTimeout(timer)
      this.#open.delete(socket)
      this.#kept.delete(peer)
      injector.destroy()
    })
    injector.injectConnection(isWorker ? scriptedSocket(socket) : socket)
    // The handshake of an encrypted one may have begun before.
    if (this.#isDraining) injector.drain(FOREVER_MS)
  }

  /** Leaves a connection without an age; `peer` is what grpc-js calls it. */
  keep(peer: string): void {
    this.#kept.add(peer)
  }

  /** Sends all clients elsewhere, and ends their connections once calls under way are answered. */
  drain(): void {
    this.#isDraining = true
    for (const injector of this.#open.values()) injector.drain(FOREVER_MS)
  }

  /** Cuts all off. */
  destroy(): void {
    this.#isDraining = true
    for (const injector of this.#open.values()) injector.drain(0)
  }

  /** Whoever is on this machine reaches no other instance by another connection. */
  #endAtAge(socket: Socket, injector: ConnectionInjector, peer: string): NodeJS.Timeout | undefined {
    if (socket.remoteAddress === undefined) return undefined
    const { ageMs, graceMs } = this.#options
    const jitter = (Math.random() - 0.5) * 0.2 * ageMs
    return setTimeout(() => {
      if (!this.#kept.has(peer)) injector.drain(graceMs)
    }, ageMs + jitter).unref()
  }
}
