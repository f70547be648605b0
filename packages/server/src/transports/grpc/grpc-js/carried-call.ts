import type { EventEmitter } from 'node:events'
import type { ServerDuplexStream, ServerUnaryCall, ServerWritableStream } from '@grpc/grpc-js'
import type { CarriedCall } from '../call-of.ts'

/** A call as grpc-js has it; messages are bytes. */
export type AnyCall =
  | ServerUnaryCall<Buffer, Buffer>
  | ServerWritableStream<Buffer, Buffer>
  | ServerDuplexStream<Buffer, Buffer>

const nothing = (): readonly string[] => []

interface CarriedCallOptions {
  /** Who is at the other end where that has no address. */
  readonly unknownPeer: string | undefined
  /** Aborts what is done for the call; also where its caller leaves. */
  readonly left?: AbortController
}

export function carriedCall(call: AnyCall, { unknownPeer, left }: CarriedCallOptions): CarriedCall {
  let signal = left && signalOf(call, left)
  return {
    message: call,
    peer: peerOf(call.getPeer()) ?? unknownPeer,
    deadlineMs: deadlineOf(call),
    header: (name) => call.metadata.get(name).map(String),
    query: nothing,
    cookie: nothing,
    descriptor: nothing,
    signal: () => {
      signal ??= signalOf(call, new AbortController())
      return signal
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
