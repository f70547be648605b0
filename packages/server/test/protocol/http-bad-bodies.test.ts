import type { FastifyInstance } from 'fastify'
import { memoryStore } from 'headgate'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createService } from '../../src/service/create-service.ts'
import type { Failure } from '../../src/service/describe-failure.ts'
import { createHttpServer } from '../../src/transports/http/server.ts'

let app: FastifyInstance
const failures: Failure[] = []

beforeAll(() => {
  // One budget for everybody shows any spend, whoever it was meant for.
  const service = createService({
    configuration: {
      policies: [
        { name: 'all', key: 'global', rules: ['100/day'] },
        { name: 'each', key: 'user', rules: ['100/day'] },
      ],
      allow: {},
      deny: {},
      notInForce: [],
      hash: '',
    },
    store: { store: memoryStore(), label: 'memory', resilience: {}, ping: async () => {} },
  })
  service.on('failure', ({ failure }) => {
    if (!failure.isCallers) failures.push(failure)
  })
  app = createHttpServer(service)
})

afterAll(async () => {
  await app.close()
  expect(failures).toEqual([])
})

interface Row {
  readonly name: string
  readonly body: string | Buffer
  readonly status?: number
  readonly code?: string
  readonly path?: string
  readonly type?: string
}

const user = '"attributes":{"user":"alice"}'
const cost = (text: string): Row => ({
  name: `cost ${text}`,
  body: `{${user},"cost":${text}}`,
  code: 'invalid-cost',
  path: 'cost',
})
const who = (text: string, path = 'attributes.user'): Row => ({
  name: `user ${text.slice(0, 40)}`,
  body: `{"attributes":{"user":${text}}}`,
  code: 'invalid-key',
  path,
})
const field = (text: string, path: string): Row => ({
  name: `field ${text}`,
  body: `{${user},${text}}`,
  path,
})

const rows: Row[] = [
  ...[
    '-1',
    '1.5',
    '"5"',
    '1e21',
    '9007199254740992',
    'null',
    '"NaN"',
    'true',
    '[]',
    '{}',
    '-0.5',
    '1e400',
  ].map(cost),
  { name: 'cost NaN', body: `{${user},"cost":NaN}` },
  { name: 'cost 0x10', body: `{${user},"cost":0x10}` },
  ...['{"$gt":""}', '["alice"]', 'true', '1.5', '9007199254740992'].map((text) => who(text)),
  who('""', 'attributes'),
  who(`${'['.repeat(10_000)}${']'.repeat(10_000)}`),
  { name: 'attributes as a text', body: '{"attributes":"alice"}', code: 'invalid-key', path: 'attributes' },
  {
    name: 'attributes as an array',
    body: '{"attributes":["alice"]}',
    code: 'invalid-key',
    path: 'attributes',
  },
  { name: 'attributes null', body: '{"attributes":null}', code: 'invalid-key', path: 'attributes' },
  {
    name: 'an object as __proto__',
    body: '{"attributes":{"__proto__":{"user":"a"}}}',
    code: 'invalid-key',
    path: 'attributes.__proto__',
  },
  { name: '__proto__ for attributes', body: '{"__proto__":{"attributes":{"user":"a"}}}', path: '__proto__' },
  { name: 'a key as an object', body: '{"key":{"$gt":""}}', code: 'invalid-key', path: 'key' },
  { name: 'an empty key', body: '{"key":""}', code: 'invalid-key', path: 'key' },
  { name: 'a key that no policy takes', body: '{"key":"alice"}', code: 'invalid-key', path: 'attributes' },
  { name: 'key and attributes', body: `{"key":"a",${user}}`, path: 'key' },
  ...['"acme"', '{}', 'null'].map((text): Row => {
    return {
      name: `descriptor ${text}`,
      body: `{${user},"descriptor":${text}}`,
      code: 'invalid-key',
      path: 'descriptor',
    }
  }),
  ...[
    '["tenant","acme"]',
    '[{"key":"tenant"}]',
    '[{"key":"a","value":"b","more":1}]',
    '[{"key":"","value":"b"}]',
  ].map(
    (text): Row => ({
      name: `descriptor ${text}`,
      body: `{${user},"descriptor":${text}}`,
      code: 'invalid-key',
      path: expect.stringMatching(/^descriptor\.0/),
    }),
  ),
  { name: 'nobody', body: '{}', path: 'attributes' },
  field('"cots":2', 'cots'),
  { ...field('"limit":"9/s"', 'limit'), code: 'invalid-options' },
  field('"limit":9', 'limit'),
  field('"domain":"api"', 'domain'),
  field('"policy":5', 'policy'),
  field('"policy":null', 'policy'),
  field('"policy":["each"]', 'policy'),
  { ...field('"policy":"echa"', 'policy'), status: 404, code: 'unknown-policy' },
  { ...field('"policy":""', 'policy'), status: 404, code: 'unknown-policy' },
  { ...field('"policy":"__proto__"', 'policy'), status: 404, code: 'unknown-policy' },
  ...[
    '',
    ' ',
    '[]',
    '"alice"',
    '5',
    'null',
    '{',
    `{${user}`,
    `{${user}}x`,
    '{"attributes":{"user":"a\nb"}}',
  ].map((body): Row => ({ name: `body ${JSON.stringify(body)}`, body })),
  { name: 'an array of 10,000 levels', body: '['.repeat(10_000) + ']'.repeat(10_000) },
  {
    name: 'objects of 4,000 levels',
    body: `${'{"attributes":'.repeat(4000)}1${'}'.repeat(4000)}`,
    code: 'invalid-key',
    path: 'attributes.attributes',
  },
  { name: 'a byte order mark', body: `\uFEFF{${user}}` },
  { name: 'UTF-16', body: Buffer.from(`{${user}}`, 'utf16le') },
  {
    name: 'bytes that are not UTF-8',
    body: Buffer.from([...Buffer.from('{"key":"'), 0xff, ...Buffer.from('"}')]),
  },
  { name: 'more than 64 KiB', body: `{"attributes":{"user":"${'x'.repeat(65_536)}"}}`, status: 413 },
  ...[
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/jsonp',
    'application/xml',
    '',
    'nonsense',
  ].map((type): Row => ({ name: `type ${JSON.stringify(type)}`, body: `{${user}}`, type, status: 415 })),
]

async function left(): Promise<unknown> {
  const payload = { attributes: { user: 'alice' }, cost: 0 }
  const { rules } = (await app.inject({ method: 'POST', url: '/v1/peek', payload })).json()
  return rules.map(({ remaining }: { remaining: number }) => remaining)
}

describe.each(['consume', 'peek', 'charge', 'credit', 'reserve', 'wait', 'reset'])(
  'bad bodies of %s',
  (verb) => {
    const taken = verb === 'reset' ? rows.filter(({ name }) => !/^cost |"limit"/.test(name)) : rows
    it.each(taken)(
      '$name is refused and nothing is spent',
      async ({ body, type, status = 400, code, path }) => {
        const headers = { 'content-type': type ?? 'application/json' }
        const response = await app.inject({ method: 'POST', url: `/v1/${verb}`, headers, payload: body })
        expect(response.headers['content-type']).toContain('application/problem+json')
        const problem = response.json()
        expect(problem).toMatchObject({
          status,
          code: code ?? 'invalid-request',
          detail: expect.stringMatching(/\w{3}/),
        })
        expect([response.statusCode, problem.path]).toEqual([status, path])
        expect(response.body.length).toBeLessThan(500)
        expect(await left()).toEqual([100, 100])
      },
    )

    it.each(['status=201', 'status=', 'status=200&status=200', 'satus=200', '__proto__=1', 'cost=5'])(
      'a query of %s is refused and nothing is spent',
      async (query) => {
        const payload = { attributes: { user: 'alice' } }
        const response = await app.inject({ method: 'POST', url: `/v1/${verb}?${query}`, payload })
        expect(response.statusCode).toBe(400)
        expect(response.json()).toMatchObject({
          code: 'invalid-request',
          path: expect.stringMatching(/^query/),
        })
        expect(await left()).toEqual([100, 100])
      },
    )
  },
)

describe('bodies that are odd but fine', () => {
  it.each([
    ['duplicate keys: the last one counts', '{"attributes":{"user":"a"},"cost":50,"cost":2}', { cost: 2 }],
    ['white space', ' \n{"attributes" : {"user": "b"}}\n', { cost: 1 }],
    ['a whole number as user', '{"attributes":{"user":42}}', { allowed: true }],
    ['attributes that no policy knows', '{"attributes":{"user":"c","what":"ever"}}', { allowed: true }],
    ['a charset', '{"attributes":{"user":"d"}}', { allowed: true }],
  ])('%s', async (name, payload, expected) => {
    const type = name === 'a charset' ? 'application/json; charset=utf-8' : 'application/json'
    const response = await app.inject({
      method: 'POST',
      url: '/v1/peek',
      headers: { 'content-type': type },
      payload,
    })
    expect(response.statusCode).toBe(200)
    expect(response.json()).toMatchObject(expected)
  })
})
