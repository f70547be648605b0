/** `grpc.health.v1`: whether traffic may be sent here, in all and for each service. */

import { Health, HealthCheckResponseServingStatus as SERVING } from '../../../gen/grpc-health-v1.ts'
import type { Service } from '../../../service/service.ts'
import { type RpcMethod, unary, watch } from '../rpc-method.ts'
import { RpcError } from '../rpc-status.ts'
import { everySecond } from './every-second.ts'

/** By which name `envoyproxy/ratelimit` is asked for. */
const RATELIMIT = 'ratelimit'

/** The methods of the health service about services of these names. */
export function healthMethods(services: readonly string[]): readonly RpcMethod[] {
  const known = new Set(['', RATELIMIT, ...services])
  const open = { isOpen: true }
  return [
    unary(
      Health.Check,
      async ({ service: name }, { service }) => {
        if (!known.has(name)) {
          throw new RpcError('NOT_FOUND', `no service is named ${JSON.stringify(name.slice(0, 100))}`)
        }
        return { status: await statusOf(service) }
      },
      open,
    ),
    unary(
      Health.List,
      async (_, { service }) => {
        const status = await statusOf(service)
        return { statuses: [...known].map((key) => ({ key, value: { status } })) }
      },
      open,
    ),
    watch(
      Health.Watch,
      async function* ({ service: name }, { service, signal }) {
        let told: number | null = null
        for await (const _ of everySecond(signal())) {
          const status = known.has(name) ? await statusOf(service) : SERVING.SERVICE_UNKNOWN
          if (status === told) continue
          told = status
          yield { status }
        }
      },
      open,
    ),
  ]
}

async function statusOf(service: Pick<Service, 'readiness'>): Promise<number> {
  const { ready } = await service.readiness()
  return ready ? SERVING.SERVING : SERVING.NOT_SERVING
}
