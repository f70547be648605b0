import {
  InterceptingCall,
  type Interceptor,
  ServerInterceptingCall,
  type ServerInterceptor,
} from '@grpc/grpc-js'
import { callLimit, type InterceptorOptions } from './call-limit.ts'

/**
 * Limits the calls that a server of grpc-js takes: what is denied ends with RESOURCE_EXHAUSTED, `RetryInfo` and `QuotaFailure`
 * before its handler hears of it.
 *
 * ```ts
 * const limiter = createLimiter({ limit: '100/min' })
 * const limit = serverRateLimit({ limiter, key: ({ metadata }) => String(metadata.get('x-user')[0] ?? 'anonymous') })
 * const server = new Server({ interceptors: [limit] })
 * ```
 */
export function serverRateLimit(options: InterceptorOptions): ServerInterceptor {
  const decide = callLimit(options)
  return ({ path }, call) =>
    new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, pass) => {
            void decide({ path, metadata, peer: call.getPeer() }).then((status) => {
              if (status === null) pass(metadata)
              else call.sendStatus(status)
            })
          },
        }),
    })
}

/**
 * Limits the calls that a client of grpc-js makes: what is denied is not sent, and ends as if the server had answered
 * RESOURCE_EXHAUSTED, with `RetryInfo` and `QuotaFailure`. With `timeout` calls wait for their turn.
 */
export function clientRateLimit(options: InterceptorOptions): Interceptor {
  const decide = callLimit(options)
  return (callOptions, nextCall) =>
    new InterceptingCall(nextCall(callOptions), {
      start: (metadata, listener, next) => {
        const { path } = callOptions.method_definition
        void decide({ path, metadata, peer: '' }).then((status) => {
          if (status === null) next(metadata, listener)
          else listener.onReceiveStatus(status)
        })
      },
    })
}
