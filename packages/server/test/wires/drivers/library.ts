import { createLimiter, HeadgateError, type Receipt } from 'headgate'
import { domainOf, EVERYTHING, FORGED, type Wire } from '../wire.ts'

/** The library in the process, by the policies of the same file. */
export const library: Wire = {
  name: 'library',
  tells: EVERYTHING,
  open: async ({ configuration, store }) => {
    const { policies, allow, deny } = configuration
    const limiter = createLimiter({ policies, allow, deny, store: store.store, ...store.resilience })
    let last: Receipt | null = null
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
