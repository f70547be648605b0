import type { EventEmitter } from 'node:events'
import type { ServerDuplexStream, ServerUnaryCall, ServerWritableStream } from '@grpc/grpc-js'
import { UNIX } from '../../../service/identity/trusted-peers.ts'
import type { Service } from '../../../service/service.ts'
import { tracedService } from '../../../service/traced-service.ts'
import { readToken } from '../read-token.ts'
import type { RpcCall, RpcMethod } from '../rpc-method.ts'
import { GRPC } from '../transport-name.ts'

/** A call as grpc-js has it; messages are bytes. */
export type AnyCall =
  | ServerUnaryCall<Buffer, Buffer>
  | ServerWritableStream<Buffer, Buffer>
  | ServerDuplexStream<Buffer, Buffer>

const nothing = (): readonly string[] => []

interface CallOfOptions {
  readonly service: Service
  /** Aborts what is done for the call; also where its caller leaves. */
  readonly left?: AbortController
}

/** What a method is told of a call. Throws where its caller may not make it. */
export function callOf(
  call: AnyCall,
  { isOpen }: Pick<RpcMethod, 'isOpen'>,
  { service, left = new AbortController() }: CallOfOptions,
): RpcCall {
  const field = (name: string): readonly string[] => call.metadata.get(name).map(String)
  const caller = isOpen === true ? service : service.callerOf(readToken(field))
  return {
    service: tracedService(caller, field('traceparent')[0]),
    transport: GRPC,
    deadlineMs: deadlineOf(call),
    signal: signalOf(call, left),
    source: {
      message: call,
      peer: peerOf(call.getPeer()),
      header: field,
      query: nothing,
      cookie: nothing,
      descriptor: nothing,
    },
  }
}

function deadlineOf(call: AnyCall): number | undefined {
  const deadline = call.getDeadline()
  const at = typeof deadline === 'number' ? deadline : deadline.getTime()
  return at === Number.POSITIVE_INFINITY ? undefined : Math.max(0, at - Date.now())
}

function signalOf(call: AnyCall, left: AbortController): AbortSignal {
  const leave = (): void => left.abort(new Error('the caller has left'))
  if (call.cancelled) leave()
  else (call as EventEmitter).once('cancelled', leave)
  return left.signal
}

/** `127.0.0.1:5000` and `[::1]:5000`; a Unix socket has no address. */
function peerOf(text: string): string | undefined {
  const [, v6, other] = /^(?:\[(.+)\]|([^:]+|.*:.*)):\d+$/.exec(text) ?? []
  return v6 ?? other ?? UNIX
}
