import type { Route } from '../../http/http-route.ts'
import { objectOf } from '../../http/json-schema.ts'
import type { AdminParts } from '../admin-parts.ts'

export function metricsRoutes({ metrics }: AdminParts): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/metrics',
      summary: 'Counters and gauges, for Prometheus.',
      query: objectOf({}),
      responses: {
        200: { description: 'Text for Prometheus.', schema: { type: 'string' }, type: 'text/plain' },
      },
      handler: async ({ request, reply, service }) => {
        service.grant?.need('read')
        // They are of all policies.
        service.grant?.needAll()
        const { type, text } = await metrics(request.headers.accept)
        return reply.type(type).send(text)
      },
    },
  ]
}
