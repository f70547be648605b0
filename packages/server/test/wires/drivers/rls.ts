import type { ServiceError } from '@grpc/grpc-js'
import { createGrpcTransport } from '../../../src/transports/grpc/grpc-transport.ts'
import { GrpcClient, RLS } from '../../grpc/grpc-server.ts'
import { type AskStep, domainOf, type Wire } from '../wire.ts'
import { errorOf, saidOf } from './grpc.ts'

/** Envoy's rate limit protocol by grpc-js, with a client's own copy of the messages. */
export const rls: Wire = {
  name: 'RLS',
  tells: ['allowed', 'limit', 'remaining'],
  // Over the limit nothing remains, as in the service of Envoy.
  tellsOfDenials: ['allowed', 'limit'],
  open: async (served, token) => {
    const url = await served.listen((service, options) =>
      createGrpcTransport(service, options, { extras: [], hasReflection: false }),
    )
    const asking = new GrpcClient(new URL(url).host, RLS)
    return {
      answer: async (step) => {
        const { user, cost } = step as AskStep
        const hits = cost === undefined ? {} : { hitsAddend: { value: cost } }
        const descriptors = [{ entries: [{ key: 'user', value: user }], ...hits }]
        try {
          const message = { domain: domainOf(step as AskStep), descriptors }
          const { overallCode, statuses } = await asking.ask('ShouldRateLimit', message, saidOf(step, token))
          const [{ currentLimit, limitRemaining }] = statuses
          return {
            allowed: overallCode === 'OK',
            limit: currentLimit?.requestsPerUnit ?? null,
            remaining: currentLimit === null ? null : limitRemaining,
          }
        } catch (reason) {
          return errorOf(reason as ServiceError)
        }
      },
      close: async () => asking[Symbol.dispose](),
    }
  },
}
