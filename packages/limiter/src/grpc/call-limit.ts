import type { Metadata, StatusObject } from '@grpc/grpc-js'
import type { RemoteDecision } from '../client/remote-types.ts'
import type { Decision, Denied } from '../core/decision.ts'
import type { Duration } from '../core/duration.ts'
import { wrong } from '../core/errors.ts'
import type { Who } from '../core/key.ts'
import type { CallOptions, WaitOptions } from '../core/limiter.ts'
import { checkFields } from '../core/validate.ts'
import { failedStatus, limitedStatus } from './limited-status.ts'

/** A limiter of this process, or one whose decisions a service makes. */
export interface CallLimiter {
  consume(who: Who, options?: CallOptions): Promise<Decision | RemoteDecision>
  wait(who: Who, options?: WaitOptions): Promise<Decision | RemoteDecision>
}

/** A call of gRPC, as an interceptor sees it. */
export interface GrpcCall {
  /** `/shop.v1.Cart/Add`. */
  readonly path: string
  readonly metadata: Metadata
  /** Address of the client, as grpc-js has it: `127.0.0.1:5000`. Of a server only; empty in a client. */
  readonly peer: string
}

/** Options of interceptors. */
export interface InterceptorOptions {
  readonly limiter: CallLimiter
  /** Whose budget a call spends. */
  readonly key: (call: GrpcCall) => Who | Promise<Who>
  /**
   * Units that a call spends.
   * @default those of the policies
   */
  readonly cost?: number | ((call: GrpcCall) => number | Promise<number>)
  /**
   * Has a call wait for its turn for up to this long, instead of ending it at once.
   * @default no wait
   */
  readonly timeout?: Duration
}

/** Decides calls: null lets one pass, a status ends it. Never rejects. */
export function callLimit(options: InterceptorOptions): (call: GrpcCall) => Promise<StatusObject | null> {
  checkFields(options, ['limiter', 'key', 'cost', 'timeout'], 'options')
  const { limiter, key, cost, timeout } = options
  if (typeof key !== 'function') throw wrong(key, 'is not a function of the call', 'options.key')
  if (typeof limiter?.consume !== 'function') throw wrong(limiter, 'is no limiter', 'options.limiter')
  return async (call) => {
    try {
      const units = typeof cost === 'function' ? await cost(call) : cost
      const spent = units === undefined ? {} : { cost: units }
      const who = await key(call)
      const decision =
        timeout === undefined
          ? await limiter.consume(who, spent)
          : await limiter.wait(who, { ...spent, timeout })
      return decision.allowed ? null : limitedStatus(decision as Denied)
    } catch (reason) {
      return failedStatus(reason)
    }
  }
}
