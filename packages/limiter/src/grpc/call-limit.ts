import type { Metadata, StatusObject } from '@grpc/grpc-js'
import type { RemoteDecision } from '../client/remote-types.ts'
import type { Decision, Denied } from '../core/decision.ts'
import { type Duration, parseTimeout } from '../core/duration.ts'
import { HeadgateError, show, wrong } from '../core/errors.ts'
import type { Who } from '../core/key.ts'
import type { CallOptions, WaitOptions } from '../core/limiter.ts'
import { checkFields, isRecord, isWhole } from '../core/validate.ts'
import { tellFailure } from './interceptor-failure.ts'
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
  /**
   * Hears of calls that end with INTERNAL: `key` or `cost` threw, or gave what is none. The error has what was thrown as its `cause`.
   * @default a warning of the process, which does not say what was thrown
   */
  readonly onFailure?: (error: HeadgateError, call: GrpcCall) => unknown
}

/** Decides calls: null lets one pass, a status ends it. Never rejects. */
export function callLimit(options: InterceptorOptions): (call: GrpcCall) => Promise<StatusObject | null> {
  checkOptions(options)
  const { limiter, timeout, onFailure } = options
  return async (call) => {
    try {
      const { who, spent } = await spendOf(options, call)
      const decision =
        timeout === undefined
          ? await limiter.consume(who, spent)
          : await limiter.wait(who, { ...spent, timeout })
      return decision.allowed ? null : limitedStatus(decision as Denied)
    } catch (reason) {
      const error = HeadgateError.from(reason)
      if (error.code === 'internal') tellFailure(onFailure, error, call)
      return failedStatus(error)
    }
  }
}

function checkOptions(options: InterceptorOptions): void {
  checkFields(options, ['limiter', 'key', 'cost', 'timeout', 'onFailure'], 'options')
  const { limiter, key, cost, timeout, onFailure } = options
  if (typeof key !== 'function') throw wrong(key, 'is not a function of the call', 'options.key')
  if (typeof limiter?.consume !== 'function') throw wrong(limiter, 'is no limiter', 'options.limiter')
  if (cost !== undefined && typeof cost !== 'function' && !isWhole(cost, 0)) {
    throw wrong(cost, COST_PROBLEM, 'options.cost')
  }
  if (timeout !== undefined) parseTimeout(timeout, 'options.timeout')
  if (onFailure !== undefined && typeof onFailure !== 'function') {
    throw wrong(onFailure, 'is not a function of the error and the call', 'options.onFailure')
  }
}

const COST_PROBLEM = 'is not a cost; give a whole number from 0 to 2^53 - 1, or a function that returns one'

/** What a call spends, and of whom. What is neither a key nor a cost is a defect here: its caller has no part in it. */
async function spendOf(
  { key, cost }: InterceptorOptions,
  call: GrpcCall,
): Promise<{ readonly who: Who; readonly spent: CallOptions }> {
  const units = typeof cost === 'function' ? await cost(call) : cost
  if (units !== undefined && !isWhole(units, 0))
    throw defect('options.cost', `${show(units)} ${COST_PROBLEM}`)
  const who: unknown = await key(call)
  if (typeof who !== 'string' && !isRecord(who)) {
    const problem = 'is neither a key nor attributes; return a text or { user: "…" }'
    throw defect('options.key', `${show(who)} ${problem}`)
  }
  return { who: who as Who, spent: units === undefined ? {} : { cost: units } }
}

function defect(path: string, message: string): HeadgateError {
  return new HeadgateError('internal', message, { path })
}
