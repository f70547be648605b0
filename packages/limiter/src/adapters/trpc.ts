import { TRPCError, type TRPCMiddlewareFunction } from '@trpc/server'
import { getHTTPStatusCodeFromError } from '@trpc/server/http'
import { HeadgateError } from '../core/errors.ts'
import { limitedError } from '../core/limited-error.ts'
import type { HttpAnswer } from '../http/answer.ts'
import { denialBody } from '../http/denial-body.ts'
import type { Gate } from '../middleware/gate.ts'
import { rateLimitFor, type WithLimiter } from '../middleware/rate-limit.ts'
import type { RateLimitDefaults } from '../middleware/rate-limit-defaults.ts'
import type { RateLimitOptions } from '../middleware/rate-limit-options.ts'
import { RequestLimits } from '../middleware/request-limits.ts'
import type { ScriptRateLimitOptions } from '../middleware/script-rate-limit-options.ts'
import { type TrpcCall, TrpcExchange } from './trpc-exchange.ts'

type Result<O> = Awaited<ReturnType<TRPCMiddlewareFunction<unknown, unknown, unknown, O, unknown>>>

/** Middleware of tRPC that limits calls, for procedures with this context and input. */
export type TrpcMiddleware<C, I> = <O>(
  call: TrpcCall<C, I> & { readonly next: () => Promise<Result<O>> },
) => Promise<Result<O>>

/** Options of `rateLimit` of tRPC: its errors have a form of their own, so that there is no `response`. */
export type TrpcRateLimitOptions<C, I = unknown> = Omit<RateLimitOptions<TrpcCall<C, I>>, 'response'>

/** Makes middleware of tRPC; its functions get the call with the context and the input of the procedure. */
export interface TrpcRateLimit {
  /** Middleware that limits calls. `limiter` of what it returns decides, for `reset`, `block` and `close`. */
  <C, I>(options: TrpcRateLimitOptions<C, I>): TrpcMiddleware<C, I> & WithLimiter
  /** Middleware for which a Lua script decides. */
  <C, I>(options: Omit<ScriptRateLimitOptions<TrpcCall<C, I>>, 'response'>): TrpcMiddleware<C, I>
  /** The limiter that `defaults` has under this name; `options` go before its own. */
  <C, I>(name: string, options?: TrpcRateLimitOptions<C, I>): TrpcMiddleware<C, I> & WithLimiter
  /** The same function with options that apply where a call or its limiter by name does not say otherwise. */
  defaults<C>(defaults: Omit<RateLimitDefaults<TrpcCall<C>>, 'response'>): TrpcRateLimit
}

/**
 * Rate limits as middleware of tRPC 11, for a procedure or a base procedure. A denied call fails with `TOO_MANY_REQUESTS`, or
 * `SERVICE_UNAVAILABLE` where the store did not answer; the `cause` is a `HeadgateError` with `retryAfterMs`.
 *
 * ```ts
 * t.procedure.use(rateLimit({ limit: '20/min', key: ({ ctx }) => ctx.user.id }))
 * ```
 *
 * Without `key` calls are counted by the address of `ctx.req`, where the context has the request of a Node server.
 */
export const rateLimit: TrpcRateLimit = rateLimitFor(toMiddleware) as unknown as TrpcRateLimit

function toMiddleware(gate: Gate<TrpcCall<unknown>>): TrpcMiddleware<unknown, unknown> {
  return async function headgate(call) {
    const exchange = new TrpcExchange(call)
    const answer = await gate.pass(exchange)
    if (answer !== null) throw deniedError(exchange, answer)
    const result = await call.next()
    exchange.end(result.ok ? 200 : getHTTPStatusCodeFromError(result.error))
    return result
  }
}

function deniedError(exchange: TrpcExchange, { status, headers }: HttpAnswer): TRPCError {
  // The body is that of tRPC.
  const { 'content-type': _type, ...fields } = headers
  for (const [name, value] of Object.entries(fields)) exchange.setHeader(name, value)
  const decision = RequestLimits.find(exchange.identity)?.decision
  if (decision?.allowed !== false) return unknownCaller()
  const cause = limitedError(decision)
  // The cause stays here; clients get what a response would say.
  const { body } = denialBody(decision, { style: 'text', status, tellsLimits: false })
  const code = cause.code === 'limited' ? 'TOO_MANY_REQUESTS' : 'SERVICE_UNAVAILABLE'
  return new TRPCError({ code, message: body.trimEnd(), cause })
}

function unknownCaller(): TRPCError {
  const fix = 'return one from options.key, or have createContext return the request as req'
  const cause = new HeadgateError('invalid-key', `This call has neither a key nor an address; ${fix}`)
  return new TRPCError({ code: 'BAD_REQUEST', cause })
}
