/** Calls of grpc-js, answered by methods: bytes in, bytes out. */
import type { ServerDuplexStream, ServerUnaryCall, ServerWritableStream } from '@grpc/grpc-js'
import type { Service } from '../../../service/service.ts'
import { type AnswerStream, answerExchange, answerWatch } from '../answer-streams.ts'
import { type CarriedCall, callerOf, callOf } from '../call-of.ts'
import type { OpenStreams } from '../open-streams.ts'
import { readMessage } from '../read-message.ts'
import type { ExchangeMethod, RpcCall, RpcMethod, UnaryMethod, WatchMethod } from '../rpc-method.ts'
import { carriedCall } from './carried-call.ts'
import type { Connections } from './connections.ts'

/** What answers calls. */
export interface Served {
  readonly service: Service
  readonly streams: OpenStreams
  readonly connections: Pick<Connections, 'keep'>
  /** Who is at the other end of a connection without an address. */
  readonly unknownPeer: string | undefined
}

export async function unaryAnswer(
  method: UnaryMethod,
  call: ServerUnaryCall<Buffer, Buffer>,
  served: Served,
): Promise<Buffer> {
  if (method.keepsConnection === true) served.connections.keep(call.getPeer())
  const told = toldOf(carriedCall(call, served), method, served.service)
  const answer = await method.handle(readMessage(method, call.request), told)
  return method.type.response.encode(answer)
}

export async function watched(
  method: WatchMethod,
  carried: ServerWritableStream<Buffer, Buffer>,
  { service, streams, unknownPeer }: Served,
): Promise<void> {
  const left = new AbortController()
  const call = toldOf(carriedCall(carried, { unknownPeer, left }), method, service)
  const answers = answersTo(carried, method, call)
  const request = readMessage(method, carried.request)
  await answerWatch(method, request, { call, streams, answers, stop: () => left.abort() })
}

export async function exchanged(
  method: ExchangeMethod,
  carried: ServerDuplexStream<Buffer, Buffer>,
  { service, streams, unknownPeer }: Served,
): Promise<void> {
  const call = toldOf(carriedCall(carried, { unknownPeer }), method, service)
  // Node 22 would destroy the call with its last message, before the last answer is written.
  const messages = carried.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>
  const next = async (): Promise<Buffer | null> => {
    const { done, value } = await messages.next()
    return done === true ? null : value
  }
  await answerExchange(method, next, { call, streams, answers: answersTo(carried, method, call) })
}

function toldOf(carried: CarriedCall, method: RpcMethod, service: Service): RpcCall {
  return callOf(carried, () => callerOf(carried, method, service))
}

function answersTo(
  carried: ServerWritableStream<Buffer, Buffer> | ServerDuplexStream<Buffer, Buffer>,
  { type }: RpcMethod,
  call: RpcCall,
): AnswerStream {
  const signal = call.signal()
  return {
    send: (answer) => {
      if (signal.aborted || carried.write(type.response.encode(answer))) return undefined
      return new Promise((resolve) => {
        const goOn = (): void => {
          signal.removeEventListener('abort', goOn)
          carried.off('drain', goOn)
          resolve()
        }
        signal.addEventListener('abort', goOn)
        carried.once('drain', goOn)
      })
    },
  }
}
