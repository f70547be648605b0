/** The remote limiters of the library, which ask over HTTP and over gRPC. */
import { HeadgateError } from 'headgate'
import { createRemoteLimiter, type RemoteLimiter, type RemoteReceipt } from 'headgate/client'
import { createGrpcLimiter } from 'headgate/grpc'
import { createGrpcTransport } from '../../../src/transports/grpc/grpc-transport.ts'
import { createHttpTransport } from '../../../src/transports/http/http-transport.ts'
import type { Served } from '../served.ts'
import { domainOf, EVERYTHING, FORGED, type Wire } from '../wire.ts'

const OPTIONS = { onError: 'closed', deadlineMs: 60_000 } as const

export const client: Wire = remote('headgate/client', async (served, token) => {
  const url = await served.listen(createHttpTransport)
  return createRemoteLimiter({ url, ...OPTIONS, ...token })
})

export const grpcClient: Wire = remote('headgate/grpc', async (served, token) => {
  const url = await served.listen((service, options) =>
    createGrpcTransport(service, options, { extras: [], hasReflection: false }),
  )
  return createGrpcLimiter({ target: new URL(url).host, ...OPTIONS, ...token })
})

type Open = (served: Served, token: { readonly token?: string }) => Promise<RemoteLimiter>

function remote(name: string, open: Open): Wire {
  return {
    name,
    tells: EVERYTHING,
    open: async (served, token) => {
      const limiter = await open(served, token === undefined ? {} : { token })
      let last: RemoteReceipt | null = null
      return {
        answer: async (step) => {
          try {
            switch (step.verb) {
              case 'consume':
              case 'peek': {
                const { verb, user, domain: _, ...options } = step
                const decision = await limiter[verb]({ domain: domainOf(step), user }, options)
                last = decision.receipt ?? last
                return decision
              }
              case 'refund':
                return { refunded: await limiter.refund((step.receipt === 'last' ? last : FORGED) as never) }
              case 'block':
                return { policies: await limiter.block({ domain: 'shop', user: step.user }, '10m') }
              default:
                return { policies: await limiter[step.verb]({ domain: 'shop', user: step.user }) }
            }
          } catch (reason) {
            return { error: HeadgateError.from(reason).code }
          }
        },
        close: () => limiter.close(),
      }
    },
  }
}
