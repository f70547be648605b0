/** What answers look like: header fields by option, their size, and the hash of the configuration. */
import type { FastifyInstance } from 'fastify'
import { memoryStore, type PolicyOptions } from 'headgate'
import { manualClock } from 'headgate/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { parseConfig } from '../../src/config/config.ts'
import { createService } from '../../src/service/create-service.ts'
import type { Service } from '../../src/service/service.ts'
import { createHttpServer } from '../../src/transports/http/server.ts'

let app: FastifyInstance
let service: Service

/** A server whose file has these lines; its policies are JSON, which is YAML. */
function serve(policies: readonly PolicyOptions[], http = '{}'): void {
  const text = `http: ${http}\npolicies: ${JSON.stringify(policies)}\n`
  service = createService({
    configuration: parseConfig(text, 'headgate.yaml'),
    store: {
      store: memoryStore({ clock: manualClock() }),
      label: 'memory',
      resilience: {},
      ping: async () => {},
    },
  })
  app = createHttpServer(service)
}

async function consume(cost = 1, headers = {}): Promise<Record<string, unknown>> {
  const payload = { attributes: { user: 'alice' }, cost }
  const answer = await app.inject({ method: 'POST', url: '/v1/consume', payload, headers })
  return { ...answer.headers, status: answer.statusCode }
}

afterEach(() => app.close())

const policies = [{ name: 'api', key: 'user', rules: [{ name: 'burst', limit: '10/s', burst: 10 }] }]

describe('http.headers', () => {
  it('draft is the default', async () => {
    serve(policies)
    const headers = await consume()
    expect(headers).toMatchObject({ ratelimit: '"api/burst";r=9;t=1' })
    expect(headers).not.toHaveProperty('x-ratelimit-limit')
  })

  it('legacy tells the binding rule in seconds from now, and a wait below one second as 1', async () => {
    serve(policies, '{ headers: legacy }')
    await consume(10)
    const headers = await consume()
    expect(headers).toMatchObject({
      status: 429,
      'x-ratelimit-limit': '10',
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': '1',
      'retry-after': '1',
    })
    expect(headers).not.toHaveProperty('ratelimit')
  })

  it('both has both, and the reset since 1970 by option', async () => {
    serve(policies, '{ headers: both, reset: epoch }')
    const before = Math.ceil(Date.now() / 1000)
    const headers = await consume()
    expect(headers).toMatchObject({ ratelimit: '"api/burst";r=9;t=1', 'x-ratelimit-limit': '10' })
    expect(Number(headers['x-ratelimit-reset'])).toBeGreaterThanOrEqual(before + 1)
    expect(Number(headers['x-ratelimit-reset'])).toBeLessThanOrEqual(Math.ceil(Date.now() / 1000) + 1)
  })

  it('none leaves only the wait', async () => {
    serve(policies, '{ headers: none }')
    await consume(10)
    const fields = Object.keys(await consume())
    expect(fields.filter((field) => /ratelimit|retry/.test(field))).toEqual(['retry-after'])
  })

  it.each([
    ['{ headers: draft-7 }', 'http.headers'],
    ['{ reset: iso }', 'http.reset'],
    ['{ header: none }', 'header'],
  ])('refuses %s', (http, path) => {
    expect(() => parseConfig(`http: ${http}\npolicies: []\n`, 'headgate.yaml')).toThrow(path)
  })
})

describe('headers and response of a policy', () => {
  const response = {
    status: 503,
    body: '{"error":"slow down"}',
    headers: { 'Content-Type': 'application/json' },
  }

  it('are data of an answer to consume, whose own fields and status stay those of a decision', async () => {
    serve([{ name: 'api', key: 'user', rules: ['1/min'], headers: { 'X-Plan': 'free' }, response }])
    const ask = { method: 'POST', url: '/v1/consume', payload: { attributes: { user: 'alice' } } } as const
    const first = (await app.inject(ask)).json()
    expect(first).toMatchObject({ allowed: true, headers: { 'x-plan': 'free' } })
    expect(first).not.toHaveProperty('response')
    const second = await app.inject(ask)
    expect(second.statusCode).toBe(429)
    expect(second.headers).not.toHaveProperty('x-plan')
    expect(second.json()).toMatchObject({
      allowed: false,
      headers: { 'x-plan': 'free' },
      response: { ...response, headers: { 'content-type': 'application/json' } },
    })
  })

  it('are those of the configuration now in force', async () => {
    serve(policies)
    const ask = { method: 'POST', url: '/v1/consume', payload: { attributes: { user: 'alice' } } } as const
    expect((await app.inject(ask)).json()).not.toHaveProperty('headers')
    const changed = policies.map((policy) => ({ ...policy, headers: { 'x-plan': 'free' } }))
    service.apply({ ...service.configuration(), hash: 'another', policies: changed })
    expect((await app.inject(ask)).json()).toMatchObject({ headers: { 'x-plan': 'free' } })
  })

  it('are checked with the file, and a mistake is told with its place', () => {
    const text = 'policies:\n  - { name: api, rules: [1/s], response: { status: 302 } }\n'
    expect(() => parseConfig(text, 'headgate.yaml')).toThrow(
      'headgate.yaml:2:44 policies[0].response.status: 302 is not the status of a denial; use 400 to 599',
    )
  })
})

describe('128 rules with long names', () => {
  it('have fields of 2 KiB at most, the binding rule in front, and all of them in the body', async () => {
    const many = Array.from({ length: 4 }, (_, p) => ({
      name: `${p}${'p'.repeat(63)}`,
      key: 'user',
      rules: Array.from({ length: 32 }, (_, r) => ({
        name: `${r}${'r'.repeat(60)}`,
        limit: p === 3 && r === 31 ? '5/min' : `${1000 + r}/min`,
      })),
    }))
    serve(many, '{ headers: both }')
    const url = await app.listen({ host: '127.0.0.1', port: 0 })
    const answer = await fetch(`${url}/v1/consume`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ attributes: { user: 'alice' } }),
    })
    const fields = [...answer.headers].filter(([field]) => /ratelimit|retry-after/.test(field))
    const bytes = fields.map(([field, value]) => `${field}: ${value}\r\n`.length)
    expect(bytes.reduce((sum, length) => sum + length)).toBeLessThanOrEqual(2048)
    expect(answer.headers.get('ratelimit')).toMatch(/^"3p+\/31r+";r=4;t=60$/)
    expect(answer.headers.get('ratelimit-policy')).toMatch(/^"3p+\/31r+";q=5;w=60, "0p/)
    const { rules } = (await answer.json()) as { rules: unknown[] }
    expect(rules).toHaveLength(128)
  })
})

describe('the hash of the configuration', () => {
  it('is in every answer that asks for it, errors included', async () => {
    serve(policies)
    const { hash } = service.configuration()
    const headers = { 'headgate-hash': '?1' }
    expect(await consume(1, headers)).toMatchObject({ status: 200, 'headgate-config': hash })
    expect(await consume(-1, headers)).toMatchObject({ status: 400, 'headgate-config': hash })
    const missing = await app.inject({ url: '/nothing', headers })
    expect(missing.headers).toMatchObject({ 'headgate-config': hash })
    expect(await consume()).not.toHaveProperty('headgate-config')
  })

  it('is that of the configuration now in force', async () => {
    serve(policies)
    service.apply({ ...service.configuration(), hash: 'another' })
    expect(await consume(1, { 'headgate-hash': '?1' })).toMatchObject({ 'headgate-config': 'another' })
  })
})
