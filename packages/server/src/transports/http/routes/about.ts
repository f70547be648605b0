/** What the service says of itself: its policies, this API, and whether traffic may be sent to it. */

import { PROBLEM_JSON } from 'headgate/http'
import type { PolicyListing } from '../../../service/policy-listing.ts'
import { schemaRef } from '../answer-schemas.ts'
import { sendFailure } from '../encode.ts'
import type { Exchange, Route } from '../http-route.ts'
import { objectOf } from '../json-schema.ts'
import { etagOf } from '../precondition.ts'

const READY = { ready: { const: true }, configuration: schemaRef('ConfigurationState') } as const

export const POLICIES_ROUTE: Route = {
  method: 'GET',
  path: '/v1/policies',
  summary: 'The policies in force.',
  responses: { 200: { description: 'The configuration.', schema: schemaRef('Policies') } },
  handler: (exchange) => listPoliciesIn(exchange),
}

/** Lists the policies in force, and names the version of what was changed at run time in the header. */
export function listPoliciesIn({ service, reply }: Pick<Exchange, 'service' | 'reply'>): PolicyListing {
  const listing = service.policies()
  if (listing.runtime !== undefined) void reply.header('etag', etagOf(listing.runtime.version))
  return listing
}

export const PROBE_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/livez',
    isOpen: true,
    summary: 'Whether the process runs.',
    responses: { 200: { description: 'It runs.', schema: objectOf({ live: { const: true } }, ['live']) } },
    handler: () => ({ live: true }),
  },
  {
    method: 'GET',
    path: '/readyz',
    isOpen: true,
    summary: 'Whether the store takes writes and the service does not stop.',
    responses: {
      200: { description: 'Traffic may be sent here.', schema: objectOf(READY, Object.keys(READY)) },
      503: {
        description: 'No traffic should be sent here.',
        schema: schemaRef('Problem'),
        type: PROBLEM_JSON,
      },
    },
    handler: async ({ reply, service }) => {
      const readiness = await service.readiness()
      const { configuration } = readiness
      return readiness.ready ? readiness : sendFailure(reply, readiness, { ready: false, configuration })
    },
  },
]
