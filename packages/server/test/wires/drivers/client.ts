import { HeadgateError } from 'headgate'
import { createRemoteLimiter, type RemoteReceipt } from 'headgate/client'
import { createHttpTransport } from '../../../src/transports/http/http-transport.ts'
import { domainOf, EVERYTHING, FORGED, type Wire } from '../wire.ts'

/** `headgate/client`, which asks over HTTP. */
export const client: Wire = {
  name: 'headgate/client',
  tells: EVERYTHING,
  open: async (served, token) => {
    const url = await served.listen(createHttpTransport)
    const limiter = createRemoteLimiter({
      url,
      onError: 'closed',
      deadlineMs: 60_000,
      ...(token !== undefined && { token }),
    })
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
