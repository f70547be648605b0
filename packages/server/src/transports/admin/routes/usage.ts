import { askService } from '../../http/ask-service.ts'
import { reachBodyOf } from '../../http/body-fields.ts'
import type { LimitBody } from '../../http/decode.ts'
import type { Route } from '../../http/http-route.ts'
import { objectOf } from '../../http/json-schema.ts'
import { USAGE } from '../answer-schemas.ts'

export const USAGE_ROUTES: readonly Route[] = [
  {
    method: 'POST',
    path: '/v1/usage',
    summary: 'How policies stand under every key that the attributes determine; nothing is spent.',
    body: reachBodyOf(),
    query: objectOf({}),
    responses: { 200: { description: 'By policy.', schema: USAGE } },
    handler: async ({ request, service }) => {
      const body = request.body as LimitBody
      const policies = await askService(service, { request, body }, ({ who, policy }) =>
        service.usage(who, policy === undefined ? {} : { policy }),
      )
      return { policies }
    },
  },
]
