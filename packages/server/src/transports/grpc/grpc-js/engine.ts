import {
  Server,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
} from '@grpc/grpc-js'
import { UNIX } from '../../../service/identity/trusted-peers.ts'
import type { Service } from '../../../service/service.ts'
import { LEFT } from '../call-ends.ts'
import type { GrpcEngine, GrpcEngineOptions } from '../grpc-engine.ts'
import {
  ARRIVING_BYTES_MAX,
  CONNECTION_AGE_GRACE_MS,
  KEEPALIVE_MS,
  KEEPALIVE_TIMEOUT_MS,
  STREAMS_MAX,
} from '../grpc-limits.ts'
import { OpenStreams } from '../open-streams.ts'
import type { RpcMethod } from '../rpc-method.ts'
import { admission } from './admission.ts'
import { exchanged, type Served, unaryAnswer, watched } from './answer-call.ts'
import { Connections } from './connections.ts'
import { statusOf } from './status-of.ts'

const itself = (bytes: Buffer): Buffer => bytes

/** An engine of `@grpc/grpc-js`, which is told of bytes alone: what they mean is for the methods. */
export function createGrpcJsEngine(
  service: Service,
  methods: readonly RpcMethod[],
  { connectionAgeMs, isOnUnixSocket, isWorker }: GrpcEngineOptions,
): GrpcEngine {
  const server = new Server({
    interceptors: [admission(service, methods)],
    'grpc.max_receive_message_length': ARRIVING_BYTES_MAX,
    'grpc.max_concurrent_streams': STREAMS_MAX,
    'grpc.keepalive_time_ms': KEEPALIVE_MS,
    'grpc.keepalive_timeout_ms': KEEPALIVE_TIMEOUT_MS,
    'grpc.enable_channelz': 0,
  })
  const streams = new OpenStreams()
  const times = { ageMs: connectionAgeMs, graceMs: CONNECTION_AGE_GRACE_MS, isWorker }
  const connections = new Connections(server, times)
  const served: Served = {
    service,
    streams,
    connections,
    unknownPeer: isOnUnixSocket ? UNIX : undefined,
  }
  for (const method of methods) register(server, method, served)
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
        void unaryAnswer(method, call, served).then(
          (bytes) => reply(null, bytes),
          (reason: unknown) => reply(errorOf(service, call.cancelled ? LEFT : reason)),
        )
      server.register(path, handle, itself, itself, 'unary')
      break
    }
    case 'watch': {
      const handle = (call: ServerWritableStream<Buffer, Buffer>): void =>
        void watched(method, call, served).then(
          () => call.end(),
          (reason: unknown) => void call.emit('error', errorOf(service, call.cancelled ? LEFT : reason)),
        )
      server.register(path, handle, itself, itself, 'serverStream')
      break
    }
    case 'exchange': {
      const handle = (call: ServerDuplexStream<Buffer, Buffer>): void =>
        void exchanged(method, call, served).then(
          () => call.end(),
          (reason: unknown) => void call.emit('error', errorOf(service, call.cancelled ? LEFT : reason)),
        )
      server.register(path, handle, itself, itself, 'bidi')
      break
    }
  }
}

/** What grpc-js takes for an error. */
function errorOf(service: Service, reason: unknown): Error {
  const status = statusOf(service, reason)
  return Object.assign(new Error(status.details), status)
}
