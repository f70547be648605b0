/** What this instance has seen: denials, who asks most, counts. */

import { httpProblem } from 'headgate/http'
import { checkPolicyName } from '../../../service/observe/check-policy-name.ts'
import { DENIALS_KEPT } from '../../../service/observe/recent-denials.ts'
import { RANKINGS, type Ranking } from '../../../service/observe/top-keys.ts'
import type { Service } from '../../../service/service.ts'
import { schemaRef } from '../../http/answer-schemas.ts'
import { sendProblem } from '../../http/encode.ts'
import type { Route } from '../../http/http-route.ts'
import { objectOf } from '../../http/json-schema.ts'
import type { AdminParts } from '../admin-parts.ts'
import { DENIAL, DENIALS, STATISTICS, STATISTICS_HISTORY, TOP } from '../answer-schemas.ts'
import { parameter, readCount } from '../read-count.ts'

const KEY = { type: 'string', description: 'Of this key alone, as `keys` have it.' } as const
const POLICY = { type: 'string', description: 'Of this policy alone.' } as const

export function observedRoutes({ observer }: Pick<AdminParts, 'observer'>): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/v1/denials',
      summary: `The last denials of this instance, newest first; it keeps ${DENIALS_KEPT}.`,
      query: objectOf({
        policy: POLICY,
        key: KEY,
        limit: { type: 'string', description: '1 to 1000; 100.' },
      }),
      responses: {
        200: { description: 'Denials.', schema: DENIALS },
      },
      handler: async ({ request, service }) => {
        const limit = readCount(request, 'limit', { byDefault: 100, max: DENIALS_KEPT })
        const policy = policyOf(request.query)
        const key = parameter(request.query, 'key')
        const last = await observer.denials(service, { limit, ...policy, ...(key !== undefined && { key }) })
        // What is gone may have been denied by before.
        if (last.denials.length === 0) checkPolicy(service, policy)
        return last
      },
    },
    {
      method: 'GET',
      path: '/v1/denials/:id',
      params: { id: { type: 'string', description: 'That of an answer.' } },
      summary: 'One denial.',
      query: objectOf({}),
      responses: {
        200: { description: 'The denial.', schema: DENIAL },
        404: {
          description: 'It is not kept here.',
          schema: schemaRef('Problem'),
          type: 'application/problem+json',
        },
      },
      handler: async ({ request, reply, service }) => {
        const denial = await observer.denial(service, (request.params as { readonly id: string }).id)
        return denial ?? sendProblem(reply, httpProblem(404, NOT_KEPT))
      },
    },
    {
      method: 'GET',
      path: '/v1/top',
      summary: 'The keys that ask most of this instance, in the last one to two minutes.',
      query: objectOf({
        by: { type: 'string', enum: RANKINGS, description: 'What is counted; requests.' },
        policy: POLICY,
        count: { type: 'string', description: '1 to 100; 20.' },
      }),
      responses: { 200: { description: 'Heaviest first.', schema: TOP } },
      handler: async ({ request, service }) => {
        const by = (parameter(request.query, 'by') ?? 'requests') as Ranking
        const count = readCount(request, 'count', { byDefault: 20, max: 100 })
        const policy = policyOf(request.query)
        const top = await observer.top(service, { by, count, ...policy })
        if (top.keys.length === 0) checkPolicy(service, policy)
        return top
      },
    },
    {
      method: 'GET',
      path: '/v1/stats',
      summary: 'What this instance has counted since it started.',
      query: objectOf({}),
      responses: { 200: { description: 'Counts.', schema: STATISTICS } },
      handler: ({ service }) => observer.statistics(service),
    },
    {
      method: 'GET',
      path: '/v1/stats/history',
      summary: 'What this instance decided in each of the last 300 seconds.',
      query: objectOf({}),
      responses: { 200: { description: 'Oldest first.', schema: STATISTICS_HISTORY } },
      handler: ({ service }) => ({ everyMs: 1000, samples: observer.history(service) }),
    },
  ]
}

const NOT_KEPT = `no such denial is kept here: an instance knows its own last ${DENIALS_KEPT}; ask the one that denied it`

function checkPolicy(service: Service, { policy }: { readonly policy?: string }): void {
  if (policy !== undefined) checkPolicyName(service, policy)
}

function policyOf(query: unknown): { readonly policy?: string } {
  const policy = parameter(query, 'policy')
  return policy === undefined ? {} : { policy }
}
