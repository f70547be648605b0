import type { Socket } from 'node:net'
import type { Http2Counts } from '../../http2/http2-counts.ts'

/** What serves gRPC: HTTP/2 of our own, or `@grpc/grpc-js`. */
export const GRPC_ENGINES = ['native', 'grpc-js'] as const

export type GrpcEngineName = (typeof GRPC_ENGINES)[number]

/** Serves methods on connections that it is given. */
export interface GrpcEngine {
  /** Whom it sent away; absent where nobody counts them. */
  readonly counts?: Http2Counts
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
