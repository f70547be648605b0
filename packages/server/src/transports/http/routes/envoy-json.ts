/** Envoy's rate limit protocol as JSON, as `envoyproxy/ratelimit` answers it. */

import type { FastifyReply } from 'fastify'
import { shouldRateLimit } from '../../../service/envoy/should-rate-limit.ts'
import { LIMIT_UNITS } from '../../../service/envoy/units.ts'
import { sendHash } from '../encode.ts'
import type { Route } from '../http-route.ts'
import { type JsonSchema, objectOf } from '../json-schema.ts'
import { decodeRateLimit } from '../rate-limit-request.ts'
import { rateLimitJson } from '../rate-limit-response.ts'

const TEXT: JsonSchema = { type: 'string' }
const UINT32: JsonSchema = { type: 'integer', minimum: 0, maximum: 4_294_967_295 }
const UNIT: JsonSchema = { type: 'string', enum: LIMIT_UNITS }
const HITS: JsonSchema = {
  type: ['integer', 'string'],
  minimum: 0,
  description: 'Hits; a text where it is a long number.',
}

const DESCRIPTOR = objectOf(
  {
    entries: {
      type: 'array',
      minItems: 1,
      items: objectOf({ key: { ...TEXT, minLength: 1 }, value: TEXT }, ['key']),
    },
    limit: {
      ...objectOf({ requestsPerUnit: UINT32, unit: UNIT, unitMultiplier: { ...UINT32, minimum: 1 } }, [
        'unit',
      ]),
      description: 'A limit in place of the one that is configured.',
    },
    hitsAddend: { ...HITS, description: 'Hits of this descriptor; 0 only looks.' },
    isNegativeHits: { type: 'boolean', description: 'Gives the hits back.' },
  },
  ['entries'],
)

const REQUEST = objectOf(
  {
    domain: { ...TEXT, minLength: 1 },
    descriptors: { type: 'array', minItems: 1, maxItems: 100, items: DESCRIPTOR },
    hitsAddend: { ...HITS, description: 'Hits of each descriptor that says none; 0 counts as 1.' },
  },
  ['domain', 'descriptors'],
)

const CODE: JsonSchema = { type: 'string', enum: ['OK', 'OVER_LIMIT'] }

const STATUS = objectOf(
  {
    code: CODE,
    currentLimit: objectOf({ name: TEXT, requestsPerUnit: UINT32, unit: UNIT, unitMultiplier: UINT32 }, [
      'requestsPerUnit',
      'unit',
    ]),
    limitRemaining: UINT32,
    durationUntilReset: { ...TEXT, description: 'Whole seconds, as in `42s`.' },
  },
  ['code'],
)

const RESPONSE = objectOf(
  {
    overallCode: CODE,
    statuses: { type: 'array', items: STATUS, description: 'One for each descriptor, in their order.' },
    responseHeadersToAdd: { type: 'array', items: objectOf({ key: TEXT, value: TEXT }, ['key', 'value']) },
    dynamicMetadata: { type: 'object', description: 'Where a limit of the request has metadata.' },
  },
  ['overallCode', 'statuses'],
)

export const RATE_LIMIT_ROUTES: readonly Route[] = [
  {
    method: 'POST',
    path: '/json',
    summary: "Envoy's rate limit protocol as JSON: may a request with these descriptors pass?",
    // Either spelling of a field, and numbers as texts: the handler reads it as protocol buffers do.
    body: {},
    documentedBody: REQUEST,
    query: objectOf({}),
    responses: {
      200: { description: 'The request passes.', schema: RESPONSE },
      429: { description: 'A descriptor is over its limit.', schema: RESPONSE },
    },
    handler: async ({ request, reply, service, transport }): Promise<FastifyReply> => {
      const asked = decodeRateLimit(request.body)
      const { response, retryAfterMs, inForce } = await shouldRateLimit(service, asked, { transport })
      sendHash(reply, inForce)
      const isAllowed = response.overallCode === 'OK'
      if (!isAllowed && retryAfterMs !== null) {
        void reply.header('retry-after', String(Math.max(1, Math.ceil(retryAfterMs / 1000))))
      }
      return reply
        .code(isAllowed ? 200 : 429)
        .type('application/json; charset=utf-8')
        .send(JSON.stringify(rateLimitJson(response)))
    },
  },
]
