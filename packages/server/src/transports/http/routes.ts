import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Decision } from 'headgate'
import { PROBLEM_JSON } from 'headgate/http'
import { atField, describeFailure } from '../../service/describe-failure.ts'
import type { Service } from '../../service/service.ts'
import { schemaRef } from './answer-schemas.ts'
import { bodyOf } from './body-fields.ts'
import { decodeRequest, type LimitBody } from './decode.ts'
import { sendDecision, sendFailure } from './encode.ts'
import type { Answer, Route } from './http-route.ts'
import { objectOf } from './json-schema.ts'
import { openApiOf } from './openapi.ts'

/** Name of the transport in events and logs. */
export const HTTP = 'http'

const DECISIONS: Route['responses'] = {
  200: { description: 'The request passes; with `?status=200` whatever the decision.', ...decision() },
  429: { description: 'The request is denied. `Retry-After` says when it would pass.', ...decision() },
}
const ALWAYS_200 = objectOf({ status: { const: '200', description: 'Answers denials with 200 as well.' } })

/** All routes of the API over a service: the one table that is served, checked and documented. */
export function routesOf(service: Service): readonly Route[] {
  const routes: readonly Route[] = [
    {
      method: 'POST',
      path: '/v1/consume',
      summary: 'Spends if every matching policy has the units.',
      body: bodyOf('cost', 'policy'),
      query: ALWAYS_200,
      responses: DECISIONS,
      handler: (request, reply) => decide(service, 'consume', { request, reply }),
    },
    {
      method: 'POST',
      path: '/v1/peek',
      summary: 'The answer that consume would give; nothing is spent.',
      body: bodyOf('cost', 'policy'),
      query: ALWAYS_200,
      responses: DECISIONS,
      handler: (request, reply) => decide(service, 'peek', { request, reply }),
    },
    {
      method: 'POST',
      path: '/v1/reset',
      summary: 'Forgets what was spent under every key that the attributes determine.',
      body: bodyOf('policy'),
      query: objectOf({}),
      responses: { 204: { description: 'Forgotten.' } },
      handler: async (request, reply) => {
        const { who, ...options } = decodeRequest(request.body as LimitBody)
        await service.reset(who, options).catch(rethrowAtField)
        return reply.code(204).send()
      },
    },
    {
      method: 'GET',
      path: '/v1/policies',
      summary: 'The policies in force.',
      responses: { 200: { description: 'The configuration.', schema: schemaRef('Policies') } },
      handler: () => service.policies(),
    },
    {
      method: 'GET',
      path: '/v1/openapi.json',
      summary: 'This document.',
      responses: { 200: { description: 'An OpenAPI document.', schema: { type: 'object' } } },
      handler: () => openApiOf(routes),
    },
    {
      method: 'GET',
      path: '/livez',
      summary: 'Whether the process runs.',
      responses: {
        200: { description: 'It runs.', schema: objectOf({ live: { const: true } }, ['live']) },
      },
      handler: () => ({ live: true }),
    },
    {
      method: 'GET',
      path: '/readyz',
      summary: 'Whether the store takes writes and the service does not stop.',
      responses: {
        200: {
          description: 'Traffic may be sent here.',
          schema: objectOf({ ready: { const: true }, configuration: schemaRef('ConfigurationState') }, [
            'ready',
            'configuration',
          ]),
        },
        503: {
          description: 'No traffic should be sent here.',
          schema: schemaRef('Problem'),
          type: PROBLEM_JSON,
        },
      },
      handler: async (_, reply) => {
        const readiness = await service.readiness()
        const { configuration } = readiness
        return readiness.ready ? readiness : sendFailure(reply, readiness, { ready: false, configuration })
      },
    },
  ]
  return routes
}

function decision(): Pick<Answer, 'schema'> {
  return { schema: schemaRef('Decision') }
}

interface Exchange {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}

async function decide(
  service: Service,
  verb: 'consume' | 'peek',
  { request, reply }: Exchange,
): Promise<FastifyReply> {
  const written = decodeRequest(request.body as LimitBody)
  const { decisions } = await service.decide([written], { verb, transport: HTTP }).catch(rethrowAtField)
  const always200 = Object.hasOwn(request.query as object, 'status')
  return sendDecision(reply, decisions[0] as Decision, always200)
}

const FIELD_OF_CODE: Readonly<Record<string, string>> = {
  'invalid-cost': 'cost',
  'invalid-key': 'attributes',
  'unknown-policy': 'policy',
}

/** The library does not know what the fields of the body are called. */
function rethrowAtField(reason: unknown): never {
  const { error } = describeFailure(reason)
  const path = FIELD_OF_CODE[error.code]
  throw path === undefined ? error : atField(error, path)
}
