import type { Socket } from 'node:net'

/** Serves methods on connections that it is given. */
export interface GrpcEngine {
  take(socket: Socket): void
  /** Tells clients to go elsewhere, and ends their connections once calls under way are answered. */
  drain(): void
  /** Cuts off what is left. */
  destroy(): void
}

/** How an engine goes about connections. */
export interface GrpcEngineOptions {
  /** After how many milliseconds one ends, give or take a tenth. */
  readonly connectionAgeMs: number
  /** Whether connections come by a Unix socket. */
  readonly isOnUnixSocket: boolean
  /** Whether this thread may end while others of the process go on. */
  readonly isWorker: boolean
}
