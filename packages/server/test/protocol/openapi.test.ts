import { createHash } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { memoryStore } from 'headgate'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createService } from '../../src/service/create-service.ts'
import type { Service } from '../../src/service/service.ts'
import { docsPage } from '../../src/transports/http/docs-page.ts'
import type { OpenApiDocument } from '../../src/transports/http/openapi.ts'
import { createHttpServer } from '../../src/transports/http/server.ts'

let service: Service
let app: FastifyInstance
let document: OpenApiDocument

beforeEach(async () => {
  service = createService({
    configuration: {
      policies: [
        { name: 'api', match: { path: '/a/**', user: ['alice', 'bob'] }, key: 'user', rules: ['1/min'] },
        {
          name: 'b',
          match: { path: ['/b', '/c'] },
          key: 'user',
          rules: ['5/s', { limit: '9/min', burst: 3 }],
        },
      ],
      allow: { ip: ['10.0.0.0/8'] },
      deny: { user: ['mallory'] },
      notInForce: [{ path: 'attributes', message: 'attributes is not in force' }],
      hash: 'abc',
    },
    store: { store: memoryStore(), label: 'memory', resilience: {}, ping: async () => {} },
  })
  app = createHttpServer(service)
  document = (await app.inject('/v1/openapi.json')).json()
})

afterEach(() => app.close())

// biome-ignore lint/suspicious/noExplicitAny: reads its way through a document
type Json = any

/** The schema of an answer, its references replaced. */
function schemaOf(path: string, method: string, status: number, type: string): z.ZodType {
  const { responses }: Json = (document.paths as Json)[path][method.toLowerCase()]
  const { schema } = (responses[status] ?? responses.default).content[type]
  const resolve = (_: string, value: Json): Json =>
    typeof value?.$ref === 'string'
      ? document.components.schemas[value.$ref.split('/').at(-1) as 'Decision']
      : value
  return z.fromJSONSchema(JSON.parse(JSON.stringify(schema, resolve)))
}

const alice = { user: 'alice', path: '/a/x' }

describe('GET /v1/openapi.json', () => {
  it('describes every route that is served, and no other', () => {
    const described = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    )
    expect(described.sort()).toEqual([
      'DELETE /v1/authorize',
      'GET /docs',
      'GET /livez',
      'GET /readyz',
      'GET /v1/authorize',
      'GET /v1/openapi.json',
      'GET /v1/policies',
      'OPTIONS /v1/authorize',
      'PATCH /v1/authorize',
      'POST /json',
      'POST /v1/authorize',
      'POST /v1/batch',
      'POST /v1/block',
      'POST /v1/cancel',
      'POST /v1/charge',
      'POST /v1/consume',
      'POST /v1/credit',
      'POST /v1/explain',
      'POST /v1/extend',
      'POST /v1/peek',
      'POST /v1/refund',
      'POST /v1/reserve',
      'POST /v1/reset',
      'POST /v1/settle',
      'POST /v1/unblock',
      'POST /v1/wait',
      'PUT /v1/authorize',
    ])
    for (const [path, operations] of Object.entries(document.paths)) {
      for (const method of Object.keys(operations)) {
        expect(app.hasRoute({ url: path, method: method.toUpperCase() as 'GET' })).toBe(true)
      }
    }
  })

  it('has the schema by which bodies and parameters are checked', () => {
    const { requestBody, parameters }: Json = (document.paths as Json)['/v1/consume'].post
    expect(Object.keys(requestBody.content['application/json'].schema.properties)).toEqual([
      'attributes',
      'key',
      'descriptor',
      'cost',
      'policy',
      'limit',
      'burst',
      'deadlineMs',
    ])
    expect(parameters).toMatchObject([{ name: 'status', in: 'query', schema: { const: '200' } }])
  })

  it.each([
    ['POST', '/v1/consume', { attributes: alice }, 200],
    ['POST', '/v1/consume', { attributes: { user: 'carol', path: '/b' } }, 200],
    ['POST', '/v1/consume', { attributes: { user: 'mallory' } }, 429],
    ['POST', '/v1/peek', { attributes: alice, cost: 2 }, 429],
    ['POST', '/v1/peek', { attributes: alice, cost: -1 }, 400],
    ['POST', '/v1/reset', { attributes: alice }, 200],
    ['POST', '/v1/reset', { attributes: {} }, 400],
    ['POST', '/v1/block', { attributes: alice, duration: 1 }, 200],
    ['POST', '/v1/block', { attributes: alice }, 400],
    ['POST', '/v1/unblock', { attributes: alice }, 200],
    ['POST', '/v1/consume', { attributes: alice, policy: 'nope' }, 404],
    ['POST', '/v1/charge', { attributes: alice }, 200],
    ['POST', '/v1/credit', { attributes: alice }, 200],
    ['POST', '/v1/wait', { attributes: alice }, 200],
    ['POST', '/v1/reserve', { attributes: alice }, 200],
    ['POST', '/v1/reserve', { attributes: alice, cost: 2 }, 429],
    ['POST', '/v1/settle', { reservation: '', actual: 1 }, 400],
    [
      'POST',
      '/v1/batch',
      { requests: [{ attributes: alice }, {}, { attributes: alice, verb: 'credit' }] },
      200,
    ],
    ['POST', '/v1/batch', { requests: [{ attributes: alice, cost: 9 }], together: true }, 429],
    ['POST', '/json', { domain: 'd', descriptors: [{ entries: [{ key: 'user', value: 'x' }] }] }, 200],
    ['POST', '/json', { domain: 'd', descriptors: [] }, 400],
    ['GET', '/v1/policies', undefined, 200],
    ['GET', '/v1/openapi.json', undefined, 200],
    ['GET', '/livez', undefined, 200],
    ['GET', '/readyz', undefined, 200],
  ] as const)('describes what %s %s answers to %j', async (method, url, payload, status) => {
    const response = await app.inject({ method, url, ...(payload && { payload }) })
    expect(response.statusCode).toBe(status)
    const type = String(response.headers['content-type']).split(';')[0] as string
    const { error } = schemaOf(url, method, status, type).safeParse(response.json())
    expect(error?.issues).toBeUndefined()
  })

  it.each(['/readyz', '/v1/policies'])('describes a rejected configuration in %s', async (url) => {
    const rejected = {
      file: null,
      path: '',
      line: null,
      column: null,
      message: 'the file does not exist',
      more: 0,
    }
    service.reject(rejected)
    const answer = (await app.inject(url)).json()
    expect(answer.configuration ?? answer).toMatchObject({ hash: 'abc', rejected })
    expect(schemaOf(url, 'GET', 200, 'application/json').safeParse(answer).error?.issues).toBeUndefined()
  })

  it('describes a service that is not ready', async () => {
    service.drain()
    const response = await app.inject('/readyz')
    const schema = schemaOf('/readyz', 'GET', 503, 'application/problem+json')
    expect(schema.safeParse(response.json()).success).toBe(true)
  })
})

describe('GET /docs', () => {
  it('shows every route, runs nothing and loads nothing', async () => {
    const { statusCode, headers, body } = await app.inject('/docs')
    expect(statusCode).toBe(200)
    expect(headers['content-type']).toBe('text/html; charset=utf-8')
    const policy = String(headers['content-security-policy'])
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toContain('unsafe')
    const style = /<style>([\s\S]*)<\/style>/.exec(body)?.[1] as string
    expect(policy).toContain(`'sha256-${createHash('sha256').update(style).digest('base64')}'`)
    expect(body).not.toMatch(/<script|<img|<link|<iframe|https?:|\son\w+=|style="|url\(/)
    for (const [path, operations] of Object.entries(document.paths)) {
      for (const [method, operation] of Object.entries(operations)) {
        const { summary } = operation as { summary: string }
        expect(body).toContain(`<code>${method.toUpperCase()} ${path}</code>`)
        expect(body).toContain(summary.replaceAll("'", '&#39;').replaceAll('"', '&quot;'))
      }
    }
  })

  it('is well-formed, whatever a description holds', () => {
    const page = docsPage({
      ...document,
      paths: { '/x': { get: { summary: '<b>"&\'', responses: { 200: { description: '</table>' } } } } },
    })
    expect(page).toContain('<p>&lt;b&gt;&quot;&amp;&#39;</p>')
    expect(page.match(/<\/table>/g)).toHaveLength(1)
  })
})
