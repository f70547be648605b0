/** What is done to budgets apart from decisions. */

import type { Duration } from 'headgate'
import { allRequired } from '../answer-schemas.ts'
import { reachBodyOf } from '../body-fields.ts'
import { decodeRequest, type LimitBody } from '../decode.ts'
import type { Route } from '../http-route.ts'
import { type JsonSchema, objectOf } from '../json-schema.ts'
import { rethrowAtField } from '../rethrow-at-field.ts'

/** Names of the policies that were reached. */
const REACHED = allRequired({ policies: { type: 'array', items: { type: 'string' } } })

export const STATE_ROUTES: readonly Route[] = [
  {
    method: 'POST',
    path: '/v1/block',
    summary: 'Denies every request under every key that the attributes determine, for a time.',
    body: requiring(reachBodyOf('duration'), 'duration'),
    query: objectOf({}),
    responses: { 200: { description: 'Blocked, under these policies.', schema: REACHED } },
    handler: async ({ request, service, transport }) => {
      const { duration, ...body } = request.body as LimitBody & { readonly duration: Duration }
      const { who, ...options } = decodeRequest(body)
      return { policies: await service.block(who, duration, { ...options, transport }).catch(rethrowAtField) }
    },
  },
  {
    method: 'POST',
    path: '/v1/unblock',
    summary: 'Ends blocks and bans of every key that the attributes determine.',
    body: reachBodyOf(),
    query: objectOf({}),
    responses: { 200: { description: 'Unblocked, under these policies.', schema: REACHED } },
    handler: async ({ request, service, transport }) => {
      const { who, ...options } = decodeRequest(request.body as LimitBody)
      return { policies: await service.unblock(who, { ...options, transport }).catch(rethrowAtField) }
    },
  },
  {
    method: 'POST',
    path: '/v1/reset',
    summary: 'Forgets what was spent under every key that the attributes determine.',
    body: reachBodyOf(),
    query: objectOf({}),
    responses: { 200: { description: 'Forgotten, under these policies.', schema: REACHED } },
    handler: async ({ request, service, transport }) => {
      const { who, ...options } = decodeRequest(request.body as LimitBody)
      return { policies: await service.reset(who, { ...options, transport }).catch(rethrowAtField) }
    },
  },
]

function requiring(schema: JsonSchema, field: string): JsonSchema {
  return { ...schema, required: [field] }
}
