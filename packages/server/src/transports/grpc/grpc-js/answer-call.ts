/** Calls of grpc-js, answered by methods: bytes in, bytes out. */
import type { ServerDuplexStream, ServerUnaryCall, ServerWritableStream } from '@grpc/grpc-js'
import { ProtobufError } from '../../../protobuf/protobuf-error.ts'
import { badRequest } from '../../../service/describe-failure.ts'
import type { Service } from '../../../service/service.ts'
import { MESSAGE_BYTES_MAX } from '../grpc-limits.ts'
import type { OpenStreams } from '../open-streams.ts'
import type { ExchangeMethod, RpcCall, RpcMethod, UnaryMethod, WatchMethod } from '../rpc-method.ts'
import { callOf } from './call-of.ts'
import type { Connections } from './connections.ts'

/** What answers calls. */
export interface Served {
  readonly service: Service
  readonly streams: OpenStreams
  readonly connections: Pick<Connections, 'keep'>
  /** Who is at the other end of a connection without an address. */
  readonly unknownPeer: string | undefined
}

export async function answerUnary(
  method: UnaryMethod,
  call: ServerUnaryCall<Buffer, Buffer>,
  served: Served,
): Promise<Buffer> {
  if (method.keepsConnection === true) served.connections.keep(call.getPeer())
  const told = callOf(call, method, served)
  const answer = await method.handle(read(method, call.request), told)
  return method.type.response.encode(answer)
}

export async function answerWatch(
  method: WatchMethod,
  call: ServerWritableStream<Buffer, Buffer>,
  served: Served,
): Promise<void> {
  const { streams } = served
  const left = new AbortController()
  const told = callOf(call, method, { ...served, left })
  const forget = streams.add(() => left.abort())
  try {
    for await (const answer of method.handle(read(method, call.request), told)) {
      await write(call, method.type.response.encode(answer), told)
    }
  } finally {
    forget()
  }
  streams.checkRunning()
}

/**
 * One message after the other, so that answers come in their order and no more is read than is answered. Messages that were not
 * read when the process is to end have spent nothing.
 */
export async function answerExchange(
  method: ExchangeMethod,
  call: ServerDuplexStream<Buffer, Buffer>,
  served: Served,
): Promise<void> {
  const { streams } = served
  const told = callOf(call, method, served)
  // Node 22 would destroy the call with its last message, before the last answer is written.
  const messages = call.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>
  let wake = (): void => {}
  const forget = streams.add(() => wake())
  let isFirst = true
  try {
    for (;;) {
      streams.checkRunning()
      const next = await new Promise<IteratorResult<Buffer> | null>((resolve, reject) => {
        wake = () => resolve(null)
        messages.next().then(resolve, reject)
      })
      if (next === null) continue
      if (next.done) return
      // The first one came with the call.
      const service = isFirst ? told.service : told.callerOf()
      isFirst = false
      const answer = await method.handle(read(method, next.value), { ...told, service })
      await write(call, method.type.response.encode(answer), told)
    }
  } finally {
    forget()
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
  if (bytes.length > MESSAGE_BYTES_MAX) {
    throw badRequest(`the message has ${bytes.length} bytes; send at most ${MESSAGE_BYTES_MAX}`, '')
  }
  try {
    return type.request.decode(bytes)
  } catch (reason) {
    if (!(reason instanceof ProtobufError)) throw reason
    throw badRequest(`this is no ${type.request.name}: ${reason.message}`, '')
  }
}
