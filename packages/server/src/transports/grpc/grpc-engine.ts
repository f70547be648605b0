import type { Socket } from 'node:net'

/** What serves gRPC: HTTP/2 of our own, or `@grpc/grpc-js`. */
export const GRPC_ENGINES = ['native', 'grpc-js'] as const

export type GrpcEngineName = (typeof GRPC_ENGINES)[number]

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
