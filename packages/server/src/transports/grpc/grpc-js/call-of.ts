import type { EventEmitter } from 'node:events'
import type { ServerDuplexStream, ServerUnaryCall, ServerWritableStream } from '@grpc/grpc-js'
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
  /** Who is at the other end where that has no address. */
  readonly unknownPeer: string | undefined
  /** Aborts what is done for the call; also where its caller leaves. */
  readonly left?: AbortController
}

/** What a method is told of a call. Throws where its caller may not make it. */
export function callOf(
  call: AnyCall,
  { isOpen }: Pick<RpcMethod, 'isOpen'>,
  { service, unknownPeer, left }: CallOfOptions,
): RpcCall {
  const field = (name: string): readonly string[] => call.metadata.get(name).map(String)
  let signal = left && signalOf(call, left)
  const callerOf = (): Service =>
    tracedService(isOpen === true ? service : service.callerOf(readToken(field)), field('traceparent')[0])
  return {
    service: callerOf(),
    callerOf,
    transport: GRPC,
    deadlineMs: deadlineOf(call),
    // Few methods of one message look at it, and it costs as much as a decision.
    get signal() {
      signal ??= signalOf(call, new AbortController())
      return signal
    },
    source: {
      message: call,
      peer: peerOf(call.getPeer()) ?? unknownPeer,
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

/** `127.0.0.1:5000` and `[::1]:5000`; neither a Unix socket has an address, nor a connection that has ended. */
function peerOf(text: string): string | undefined {
  const [, v6, other] = /^(?:\[(.+)\]|([^:]+|.*:.*)):\d+$/.exec(text) ?? []
  return v6 ?? other
}
