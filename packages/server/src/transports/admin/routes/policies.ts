import type { FastifyReply, FastifyRequest } from 'fastify'
import { confinedChanges } from '../../../service/changes/confined-changes.ts'
import type { Changed, ChangeRequest, PolicyEditor } from '../../../service/changes/policy-editor.ts'
import { badRequest, describeFailure } from '../../../service/describe-failure.ts'
import { allRequired } from '../../http/answer-schemas.ts'
import type { Answer, Exchange, Route } from '../../http/http-route.ts'
import { type JsonSchema, objectOf } from '../../http/json-schema.ts'
import { etagOf, readPrecondition } from '../../http/precondition.ts'
import type { AdminParts } from '../admin-parts.ts'

const TEXT: JsonSchema = { type: 'string' }
const POLICY: JsonSchema = { type: 'object', description: 'A policy, as the file has it.' }
const STATE: JsonSchema = { type: ['object', 'boolean', 'null'] }
const NAME = { name: TEXT }
const CHANGE = allRequired({
  version: TEXT,
  at: { type: 'number', description: 'When, in milliseconds since 1970.' },
  actor: { type: ['string', 'null'], description: 'Name of the token.' },
  transport: TEXT,
  action: { type: 'string', enum: ['put', 'patch', 'delete', 'shadow'] },
  name: { type: ['string', 'null'], description: 'Of the policy; null for the switch.' },
  before: STATE,
  after: STATE,
})

const IF_MATCH: JsonSchema = { ...TEXT, description: 'The version that is changed, or *.' }
const PRECONDITIONS = {
  'If-Match': IF_MATCH,
  'If-None-Match': { ...TEXT, description: '* for a policy that is new.' },
}
const VERSION = {
  version: {
    ...TEXT,
    description: 'The version after it, which is that of before where nothing changes; the ETag.',
  },
}
const CHANGED: Answer = { description: 'In force.', schema: allRequired({ ...VERSION, policy: POLICY }) }
const DONE: Answer = { description: 'In force.', schema: allRequired(VERSION) }

/** Changes of policies at run time. */
export function policyRoutes({ changes }: AdminParts): readonly Route[] {
  return [
    {
      method: 'PUT',
      path: '/v1/policies/:name',
      params: NAME,
      summary: 'Puts a policy in force, in place of the one of that name that lives at run time.',
      headers: PRECONDITIONS,
      query: objectOf({}),
      documentedBody: POLICY,
      responses: { 200: CHANGED },
      handler: (exchange) =>
        change(exchange, changes, (of, request) => of.put(nameIn(exchange), exchange.request.body, request)),
    },
    {
      method: 'PATCH',
      path: '/v1/policies/:name',
      params: NAME,
      summary: 'Changes what a JSON merge patch (RFC 7396) names of a policy that lives at run time.',
      headers: { 'If-Match': IF_MATCH },
      query: objectOf({}),
      documentedBody: { type: 'object' },
      responses: { 200: CHANGED },
      handler: (exchange) =>
        change(exchange, changes, (of, request) =>
          of.patch(nameIn(exchange), exchange.request.body, request),
        ),
    },
    {
      method: 'DELETE',
      path: '/v1/policies/:name',
      params: NAME,
      summary: 'Deletes a policy that lives at run time.',
      headers: { 'If-Match': IF_MATCH },
      query: objectOf({}),
      responses: { 200: DONE },
      handler: (exchange) => change(exchange, changes, (of, request) => of.delete(nameIn(exchange), request)),
    },
    {
      method: 'GET',
      path: '/v1/policies/history',
      summary:
        'The last changes at run time, newest first; at most 100, of which no token pushes out those of others.',
      query: objectOf({}),
      responses: {
        200: { description: 'Changes.', schema: allRequired({ changes: { type: 'array', items: CHANGE } }) },
      },
      handler: ({ service, reply }) => {
        const own = confinedChanges(changes, service.grant)
        void reply.header('etag', etagOf(own.version))
        return { changes: own.history() }
      },
    },
    {
      method: 'PUT',
      path: '/v1/shadow',
      summary: 'Puts all policies in shadow, so that none denies, or ends that.',
      headers: { 'If-Match': IF_MATCH },
      documentedBody: objectOf({ on: { type: 'boolean' } }, ['on']),
      query: objectOf({}),
      responses: { 200: DONE },
      handler: (exchange) => {
        return change(exchange, changes, (of, request) =>
          of.setShadow(switchIn(exchange.request.body), request),
        )
      },
    },
  ]
}

/** Makes a change as its caller may, and names the version in force also where it was refused. */
async function change(
  { request, reply, service, transport }: Exchange,
  changes: PolicyEditor,
  make: (changes: PolicyEditor, request: ChangeRequest) => Promise<Changed>,
): Promise<object> {
  const own = confinedChanges(changes, service.grant)
  try {
    const { version, policy } = await make(own, { expected: readPrecondition(request), transport })
    void tag(reply, version)
    return policy === null ? { version } : { version, policy }
  } catch (reason) {
    if (describeFailure(reason).code === 'conflict') void tag(reply, own.version)
    throw reason
  }
}

function switchIn(body: unknown): boolean {
  const { on, ...others } = Object(body) as Readonly<Record<string, unknown>>
  if (typeof on === 'boolean' && Object.keys(others).length === 0) return on
  throw badRequest('send {"on": true}, or {"on": false}', 'on')
}

function tag(reply: FastifyReply, version: string): FastifyReply {
  return reply.header('etag', etagOf(version))
}

function nameIn({ request }: { readonly request: FastifyRequest }): string {
  return (request.params as { readonly name: string }).name
}
