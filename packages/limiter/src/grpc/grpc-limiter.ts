import { type ChannelCredentials, credentials as grpcCredentials } from '@grpc/grpc-js'
import { ServiceLimiter } from '../client/remote-limiter.ts'
import { type CommonOptions, resolveCommon } from '../client/remote-options.ts'
import type { RemoteDecision, RemoteLimiter } from '../client/remote-types.ts'
import type { Denied } from '../core/decision.ts'
import type { Duration } from '../core/duration.ts'
import { invalid, wrong } from '../core/errors.ts'
import type { Who } from '../core/key.ts'
import { limitedError } from '../core/limited-error.ts'
import { environmentVariable } from '../core/runtime.ts'
import { checkFields } from '../core/validate.ts'
import { grpcConnection } from './grpc-connection.ts'

/** Options of `createGrpcLimiter`. */
export interface GrpcLimiterOptions extends CommonOptions {
  /**
   * Where the service answers gRPC, as grpc-js takes it: `127.0.0.1:8081`, `dns:///headgate:8081`, `unix:/run/headgate.sock`.
   * @default the variable HEADGATE_GRPC_TARGET of the environment
   */
  readonly target?: string
  /**
   * TLS, with a certificate of its own where the service asks for one: `credentials.createSsl(…)` of `@grpc/grpc-js`.
   * @default none: the connection is not encrypted
   */
  readonly credentials?: ChannelCredentials
}

/** Options of `withRateLimit` of a limiter; `A` are the arguments of the function. */
export interface GrpcCallOptions<A extends readonly unknown[]> {
  /** Whose budget a call spends. */
  readonly key: (...args: A) => Who | Promise<Who>
  /**
   * Units that a call spends.
   * @default those of the policies
   */
  readonly cost?: number | ((...args: A) => number | Promise<number>)
  /**
   * Has a call wait for its turn for up to this long, as `wait` does, instead of denying it at once.
   * @default no wait
   */
  readonly timeout?: Duration
}

/** A remote limiter over gRPC. */
export interface GrpcLimiter extends RemoteLimiter {
  /**
   * Limits the calls of a function, which has the same arguments and result. A call that is denied rejects with a `limited` error,
   * or `store-unavailable`; one that throws has spent.
   */
  withRateLimit<A extends readonly unknown[], R>(
    fn: (...args: A) => R,
    options: GrpcCallOptions<A>,
  ): (...args: A) => Promise<Awaited<R>>
}

const NAME = 'createGrpcLimiter'

/** Creates a limiter whose decisions the service at `target` makes, over gRPC; wrong options are `invalid-options` errors. */
export function createGrpcLimiter(options: GrpcLimiterOptions = {}): GrpcLimiter {
  checkFields(options, ['target', 'credentials', 'token', 'onError', 'deadlineMs'], NAME)
  const { credentials = grpcCredentials.createInsecure() } = options
  if (typeof credentials !== 'object') {
    throw wrong(
      credentials,
      'is no credentials of @grpc/grpc-js; pass credentials.createSsl()',
      `${NAME}.credentials`,
    )
  }
  const target = readTarget(options.target ?? environmentVariable('HEADGATE_GRPC_TARGET'))
  const config = { ...resolveCommon(options, NAME), address: target }
  return new Limiter(config, grpcConnection({ target, credentials, token: config.token }))
}

class Limiter extends ServiceLimiter implements GrpcLimiter {
  withRateLimit<A extends readonly unknown[], R>(
    fn: (...args: A) => R,
    options: GrpcCallOptions<A>,
  ): (...args: A) => Promise<Awaited<R>> {
    checkFields(options, ['key', 'cost', 'timeout'], 'options')
    const { key, cost, timeout } = options
    for (const [path, given] of [
      ['fn', fn],
      ['options.key', key],
    ] as const) {
      if (typeof given !== 'function') throw wrong(given, 'is not a function', path)
    }
    return async (...args): Promise<Awaited<R>> => {
      const units = typeof cost === 'function' ? await cost(...args) : cost
      const call = units === undefined ? {} : { cost: units }
      const who = await key(...args)
      const decision: RemoteDecision =
        timeout === undefined ? await this.consume(who, call) : await this.wait(who, { ...call, timeout })
      if (!decision.allowed) throw limitedError(decision as Denied)
      return (await fn(...args)) as Awaited<R>
    }
  }
}

function readTarget(target: unknown): string {
  if (typeof target === 'string' && target.trim() !== '' && !/^https?:/.test(target)) return target
  const fix = 'write 127.0.0.1:8081, or set HEADGATE_GRPC_TARGET'
  throw invalid(`${NAME}.target`, `a limiter over gRPC needs the address of the service; ${fix}`)
}
