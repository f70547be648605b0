import type { MethodType } from '../../protobuf/service-type.ts'
import type { SourceRequest } from '../../service/identity/attribute-sources.ts'
import type { Service } from '../../service/service.ts'

/** A call, with the service as its caller may use it. */
export interface RpcCall {
  readonly service: Service
  /**
   * The same for another message, or another look: it counts as a request of the caller's token, which a configuration may
   * have taken away meanwhile. Throws then.
   */
  readonly callerOf: () => Service
  /** Name of the transport that it came by. */
  readonly transport: string
  /** How long the caller waits for the answer, in milliseconds; undefined where it says nothing. */
  readonly deadlineMs: number | undefined
  /** What aborts when the caller leaves: few methods look at it, and it costs as much as a decision. */
  readonly signal: () => AbortSignal
  /** What sources of attributes read of the call. */
  readonly source: SourceRequest
}

interface Common {
  /**
   * Whether it is answered without a token, also where callers need one: it tells nothing of anybody.
   * @default false
   */
  readonly isOpen?: boolean
  /**
   * Whether a connection that it was called on stays as long as its client wants: for callers who lose what crosses the notice
   * that it ends, where others ask again.
   * @default false
   */
  readonly keepsConnection?: boolean
}

/** One message, one answer. */
export interface UnaryMethod<Q = never, S = unknown> extends Common {
  readonly kind: 'unary'
  readonly type: MethodType<Q, S>
  readonly handle: (request: Q, call: RpcCall) => S | Promise<S>
}

/** One message, and answers as long as the caller stays. */
export interface WatchMethod<Q = never, S = unknown> extends Common {
  readonly kind: 'watch'
  readonly type: MethodType<Q, S>
  readonly handle: (request: Q, call: RpcCall) => AsyncIterable<S>
}

/** Many messages, each with an answer, in their order. */
export interface ExchangeMethod<Q = never, S = unknown> extends Common {
  readonly kind: 'exchange'
  readonly type: MethodType<Q, S>
  readonly handle: (request: Q, call: RpcCall) => S | Promise<S>
}

/** A method that is served: what is answered comes from here alone, whatever carries it. */
export type RpcMethod = UnaryMethod | WatchMethod | ExchangeMethod

export function unary<Q, S>(
  type: MethodType<Q, S>,
  handle: UnaryMethod<Q, S>['handle'],
  common: Common = {},
): RpcMethod {
  return { kind: 'unary', type, handle, ...common } as unknown as RpcMethod
}

export function watch<Q, S>(
  type: MethodType<Q, S>,
  handle: WatchMethod<Q, S>['handle'],
  common: Common = {},
): RpcMethod {
  return { kind: 'watch', type, handle, ...common } as unknown as RpcMethod
}

export function exchange<Q, S>(type: MethodType<Q, S>, handle: ExchangeMethod<Q, S>['handle']): RpcMethod {
  return { kind: 'exchange', type, handle } as unknown as RpcMethod
}
