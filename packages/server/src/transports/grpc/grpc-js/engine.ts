import type { Socket } from 'node:net'
import {
  Metadata,
  Server,
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
import { Connections } from './connections.ts'

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
    'grpc.enable_channelz': 0,
  })
  const streams = new OpenStreams()
  const times = { ageMs: connectionAgeMs, graceMs: CONNECTION_AGE_GRACE_MS }
  const connections = new Connections(server, times)
  for (const method of methods) register(server, method, { service, streams, connections })
  return {
    take: (socket) => connections.take(socket),
    drain: () => {
      streams.stop()
      connections.drain()
    },
    destroy: () => {
      streams.stop()
      connections.destroy()
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
