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
import { ProtobufError } from '../../../protobuf/protobuf-error.ts'
import { badRequest } from '../../../service/describe-failure.ts'
import type { Service } from '../../../service/service.ts'
import { atWireField } from '../../http/rethrow-at-field.ts'
import {
  CONNECTION_AGE_GRACE_MS,
  CONNECTION_AGE_MS,
  KEEPALIVE_MS,
  KEEPALIVE_TIMEOUT_MS,
  MESSAGE_BYTES_MAX,
  STREAMS_MAX,
} from '../grpc-limits.ts'
import type { ExchangeMethod, RpcCall, RpcMethod, UnaryMethod, WatchMethod } from '../rpc-method.ts'
import { RPC_CODES, RpcError, rpcStatus } from '../rpc-status.ts'
import { GRPC } from '../transport-name.ts'
import { callOf } from './call-of.ts'

/** Serves methods on connections that it is given. */
export interface GrpcEngine {
  take(socket: Socket): void
  /** Tells clients to go elsewhere, and lets calls under way end for that long. */
  drain(graceMs: number): void
  destroy(): void
}

const DETAILS = 'grpc-status-details-bin'
const itself = (bytes: Buffer): Buffer => bytes

/** An engine of `@grpc/grpc-js`, which is told of bytes alone: what they mean is for the methods. */
export function createGrpcJsEngine(service: Service, methods: readonly RpcMethod[]): GrpcEngine {
  const server = new Server({
    'grpc.max_receive_message_length': MESSAGE_BYTES_MAX,
    'grpc.max_concurrent_streams': STREAMS_MAX,
    'grpc.keepalive_time_ms': KEEPALIVE_MS,
    'grpc.keepalive_timeout_ms': KEEPALIVE_TIMEOUT_MS,
    'grpc.max_connection_age_ms': CONNECTION_AGE_MS,
    'grpc.max_connection_age_grace_ms': CONNECTION_AGE_GRACE_MS,
    'grpc.enable_channelz': 0,
  })
  for (const method of methods) register(server, method, service)
  // The connection is encrypted already, where it is to be.
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure())
  return {
    take: (socket) => injector.injectConnection(socket),
    drain: (graceMs) => injector.drain(graceMs),
    destroy: () => {
      injector.destroy()
      server.forceShutdown()
    },
  }
}

function register(server: Server, method: RpcMethod, service: Service): void {
  const { path } = method.type
  switch (method.kind) {
    case 'unary': {
      const handle = (call: ServerUnaryCall<Buffer, Buffer>, reply: sendUnaryData<Buffer>): void =>
        void answerUnary(method, call, service).then(
          (bytes) => reply(null, bytes),
          (reason: unknown) => reply(errorOf(service, reason)),
        )
      server.register(path, handle, itself, itself, 'unary')
      break
    }
    case 'watch': {
      const handle = (call: ServerWritableStream<Buffer, Buffer>): void =>
        void answerWatch(method, call, service).then(
          () => call.end(),
          (reason: unknown) => void call.emit('error', errorOf(service, reason)),
        )
      server.register(path, handle, itself, itself, 'serverStream')
      break
    }
    case 'exchange': {
      const handle = (call: ServerDuplexStream<Buffer, Buffer>): void =>
        void answerExchange(method, call, service).then(
          () => call.end(),
          (reason: unknown) => void call.emit('error', errorOf(service, reason)),
        )
      server.register(path, handle, itself, itself, 'bidi')
      break
    }
  }
}

async function answerUnary(
  method: UnaryMethod,
  call: ServerUnaryCall<Buffer, Buffer>,
  service: Service,
): Promise<Buffer> {
  const answer = await method.handle(read(method, call.request), callOf(call, method, service))
  return method.type.response.encode(answer)
}

async function answerWatch(
  method: WatchMethod,
  call: ServerWritableStream<Buffer, Buffer>,
  service: Service,
): Promise<void> {
  const told = callOf(call, method, service)
  for await (const answer of method.handle(read(method, call.request), told)) {
    await write(call, method.type.response.encode(answer), told)
  }
}

/** One message after the other, so that answers come in their order and no more is read than is answered. */
async function answerExchange(
  method: ExchangeMethod,
  call: ServerDuplexStream<Buffer, Buffer>,
  service: Service,
): Promise<void> {
  const told = callOf(call, method, service)
  for await (const message of call) {
    const answer = await method.handle(read(method, message as Buffer), told)
    await write(call, method.type.response.encode(answer), told)
  }
}

/** Resolves when there is room for more, or the caller has left. */
function write(
  call: ServerWritableStream<Buffer, Buffer> | ServerDuplexStream<Buffer, Buffer>,
  bytes: Buffer,
  { signal }: RpcCall,
): Promise<void> | undefined {
  if (signal.aborted || call.write(bytes)) return undefined
  return new Promise((resolve) => {
    const goOn = (): void => {
      signal.removeEventListener('abort', goOn)
      call.off('drain', goOn)
      resolve()
    }
    signal.addEventListener('abort', goOn)
    call.once('drain', goOn)
  })
}

function read({ type }: RpcMethod, bytes: Buffer): never {
  try {
    return type.request.decode(bytes)
  } catch (reason) {
    if (!(reason instanceof ProtobufError)) throw reason
    throw badRequest(`this is no ${type.request.name}: ${reason.message}`, '')
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
