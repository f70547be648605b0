import type { Socket } from 'node:net'
import {
  Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
} from '@grpc/grpc-js'
import type { Service } from '../../../service/service.ts'
import { atWireField } from '../../http/rethrow-at-field.ts'
import {
  CONNECTION_AGE_GRACE_MS,
  KEEPALIVE_MS,
  KEEPALIVE_TIMEOUT_MS,
  MESSAGE_BYTES_MAX,
  STREAMS_MAX,
} from '../grpc-limits.ts'
import { OpenStreams } from '../open-streams.ts'
import type { RpcMethod } from '../rpc-method.ts'
import { RPC_CODES, RpcError, rpcStatus } from '../rpc-status.ts'
import { GRPC } from '../transport-name.ts'
import { answerExchange, answerUnary, answerWatch, type Served } from './answer-call.ts'

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
}

/** No time of its own: who drains says how long it may take. */
const FOREVER_MS = 2 ** 31 - 1
const DETAILS = 'grpc-status-details-bin'
const itself = (bytes: Buffer): Buffer => bytes

/** An engine of `@grpc/grpc-js`, which is told of bytes alone: what they mean is for the methods. */
export function createGrpcJsEngine(
  service: Service,
  methods: readonly RpcMethod[],
  { connectionAgeMs }: GrpcEngineOptions,
): GrpcEngine {
  const server = new Server({
    'grpc.max_receive_message_length': MESSAGE_BYTES_MAX,
    'grpc.max_concurrent_streams': STREAMS_MAX,
    'grpc.keepalive_time_ms': KEEPALIVE_MS,
    'grpc.keepalive_timeout_ms': KEEPALIVE_TIMEOUT_MS,
    'grpc.max_connection_age_ms': connectionAgeMs,
    'grpc.max_connection_age_grace_ms': CONNECTION_AGE_GRACE_MS,
    'grpc.enable_channelz': 0,
  })
  const streams = new OpenStreams()
  for (const method of methods) register(server, method, { service, streams })
  // The connection is encrypted already, where it is to be.
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure())
  const drain = (): void => {
    streams.stop()
    injector.drain(FOREVER_MS)
  }
  return {
    take: (socket) => {
      injector.injectConnection(socket)
      // Encrypted connections may have begun before.
      if (streams.isStopping) drain()
    },
    drain,
    destroy: () => {
      streams.stop()
      // The only way to connections on which something is under way.
      injector.drain(0)
      injector.destroy()
      server.forceShutdown()
    },
  }
}

function register(server: Server, method: RpcMethod, served: Served): void {
  const { path } = method.type
  const { service } = served
  switch (method.kind) {
    case 'unary': {
      const handle = (call: ServerUnaryCall<Buffer, Buffer>, reply: sendUnaryData<Buffer>): void =>
        void answerUnary(method, call, served).then(
          (bytes) => reply(null, bytes),
          (reason: unknown) => reply(errorOf(service, reason)),
        )
      server.register(path, handle, itself, itself, 'unary')
      break
    }
    case 'watch': {
      const handle = (call: ServerWritableStream<Buffer, Buffer>): void =>
        void answerWatch(method, call, served).then(
          () => call.end(),
          (reason: unknown) => void call.emit('error', errorOf(service, reason)),
        )
      server.register(path, handle, itself, itself, 'serverStream')
      break
    }
    case 'exchange': {
      const handle = (call: ServerDuplexStream<Buffer, Buffer>): void =>
        void answerExchange(method, call, served).then(
          () => call.end(),
          (reason: unknown) => void call.emit('error', errorOf(service, reason)),
        )
      server.register(path, handle, itself, itself, 'bidi')
      break
    }
  }
}

/** What grpc-js takes for an error. */
function errorOf(service: Service, reason: unknown): Error {
  if (reason instanceof RpcError) {
    return Object.assign(new Error(reason.message), { code: RPC_CODES[reason.code], details: reason.message })
  }
  const { code, message, details } = rpcStatus(service.fail(atWireField(reason), { transport: GRPC }))
  const metadata = new Metadata()
  metadata.set(DETAILS, details)
  return Object.assign(new Error(message), { code, details: message, metadata })
}
