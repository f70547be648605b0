import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import { HeadgateError, memoryStore, type Store, type SyncStore } from 'headgate'
import { type ManualClock, manualClock } from 'headgate/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createService } from '../../src/service/create-service.ts'
import type { Failure } from '../../src/service/describe-failure.ts'
import type { Service } from '../../src/service/service.ts'
import { createHttpServer } from '../../src/transports/http/server.ts'

let clock: ManualClock
let service: Service
let app: FastifyInstance
let failures: Failure[]

beforeEach(() => {
  clock = manualClock()
  service = createService({
    configuration: {
      policies: [{ name: 'api', key: 'user', rules: [{ name: 'burst', limit: '5/10s', burst: 5 }] }],
      allow: { ip: ['10.0.0.0/8'] },
      deny: { user: ['mallory'] },
      notInForce: [
        { path: 'policies[0].rollout', message: 'policies[0].rollout is not in force in this version' },
      ],
      hash: 'abc',
    },
    store: { store: memoryStore({ clock }), label: 'memory', resilience: {}, ping: async () => {} },
  })
  failures = []
  service.on('failure', ({ failure }) => failures.push(failure))
  app = createHttpServer(service)
})

afterEach(async () => {
  await app.close()
})

function post(path: string, body: object): Promise<LightMyRequestResponse> {
  return app.inject({ method: 'POST', url: path, payload: body })
}

/** A store of which the limiter knows no clock. */
function asPromised(inner: SyncStore): Store {
  return {
    decide: (verb, requests) => inner.decide(verb, requests),
    refund: (refunds) => inner.refund(refunds),
    reset: (keys) => inner.reset(keys),
    block: (keys, lengthUs) => inner.block(keys, lengthUs),
    close: () => inner.close(),
  }
}

const alice = { attributes: { user: 'alice' } }

describe('a client that leaves in the middle of a body', () => {
  it('is no failure of the service', async () => {
    await app.listen({ port: 0, host: '127.0.0.1' })
    const { port } = app.server.address() as AddressInfo
    const socket = connect(port, '127.0.0.1')
    socket.write(
      'POST /v1/consume HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{"att',
    )
    const [request] = await once(app.server, 'request')
    socket.destroy()
    await new Promise((resolve) => request.once('close', resolve))
    await new Promise((resolve) => setImmediate(resolve))
    expect((await post('/v1/consume', alice)).statusCode).toBe(200)
    await app.close()
    expect(failures).toEqual([])
  })
})

describe('POST /v1/consume', () => {
  it('answers 200 with the decision and its headers', async () => {
    const response = await post('/v1/consume', alice)
    expect(response.statusCode).toBe(200)
    expect(response.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
      'ratelimit-policy': '"api/burst";q=5;w=10',
      ratelimit: '"api/burst";r=4;t=2',
    })
    expect(response.headers).not.toHaveProperty('retry-after')
    expect(response.json()).toMatchObject({
      allowed: true,
      reason: 'within-limit',
      source: 'store',
      policy: 'api',
      rule: 'burst',
      limit: 5,
      remaining: 4,
      cost: 1,
      retryAfterMs: 0,
      resetAfterMs: 2000,
      rules: [{ policy: 'api', rule: 'burst', remaining: 4 }],
      shadow: [],
      receipt: expect.stringMatching(/^r1\.[\w-]{8}\.[\w-]+\.[\w-]{43}$/),
    })
  })

  it('answers 429 with the decision when denied, and admits after Retry-After', async () => {
    await post('/v1/consume', { ...alice, cost: 5 })
    const response = await post('/v1/consume', alice)
    expect(response.statusCode).toBe(429)
    expect(response.headers).toMatchObject({ 'retry-after': '2', ratelimit: '"api/burst";r=0;t=2' })
    expect(response.json()).toMatchObject({
      allowed: false,
      reason: 'limited',
      retryAfterMs: 2000,
      receipt: null,
    })
    clock.advance('2s')
    expect((await post('/v1/consume', alice)).statusCode).toBe(200)
  })

  it('tells seconds of the exact wait in every field', async () => {
    const limited = createService({
      configuration: {
        policies: [{ name: 'api', key: 'user', rules: ['1/10s'] }],
        allow: {},
        deny: {},
        notInForce: [],
        hash: '',
      },
      // Not on the manual clock of the limiter: its timers may fire early.
      store: {
        store: asPromised(memoryStore({ clock })),
        label: 'memory',
        resilience: {},
        ping: async () => {},
      },
    })
    const other = createHttpServer(limited)
    const request = { method: 'POST', url: '/v1/consume', payload: alice } as const
    expect((await other.inject(request)).headers).toMatchObject({ ratelimit: '"api/10s";r=0;t=10' })
    const { headers, body } = await other.inject(request)
    expect(headers).toMatchObject({ ratelimit: '"api/10s";r=0;t=10', 'retry-after': '10' })
    expect(JSON.parse(body)).toMatchObject({ retryAfterMs: 10_001, rules: [{ retryAfterMs: 10_000 }] })
    await other.close()
  })

  it('answers 200 whatever the decision with ?status=200', async () => {
    const response = await post('/v1/consume?status=200', { ...alice, cost: 6 })
    expect(response.statusCode).toBe(200)
    expect(response.json()).toMatchObject({
      allowed: false,
      reason: 'cost-exceeds-capacity',
      retryAfterMs: null,
    })
    expect(response.headers).not.toHaveProperty('retry-after')
  })

  it('says nothing about limits on a request that a list names', async () => {
    const denied = await post('/v1/consume', { attributes: { user: 'mallory' } })
    expect(denied.statusCode).toBe(429)
    expect(denied.json()).toMatchObject({ reason: 'denied-by-policy', policy: null })
    const allowed = await post('/v1/consume', { attributes: { user: 'alice', ip: '10.0.0.1' } })
    expect(allowed.json()).toMatchObject({ allowed: true, reason: 'unmatched' })
    const names = [...Object.keys(denied.headers), ...Object.keys(allowed.headers)]
    expect(names.filter((name) => /ratelimit|retry/.test(name))).toEqual([])
  })

  it('takes cost 0 as a question', async () => {
    const response = await post('/v1/consume', { ...alice, cost: 0 })
    expect(response.json()).toMatchObject({ allowed: true, remaining: 5, receipt: null })
  })

  it('tells __proto__ from other users', async () => {
    const payload = '{"attributes":{"user":"__proto__","__proto__":"x","constructor":"y"},"cost":5}'
    const headers = { 'content-type': 'application/json' }
    const request = { method: 'POST', url: '/v1/consume', headers, payload } as const
    expect((await app.inject(request)).statusCode).toBe(200)
    expect((await app.inject(request)).statusCode).toBe(429)
    expect((await post('/v1/consume', alice)).json()).toMatchObject({ remaining: 4 })
    expect(Object.hasOwn(Object.prototype, 'user')).toBe(false)
  })
})

describe('POST /v1/peek and /v1/reset', () => {
  it('peek answers like consume and spends nothing', async () => {
    const first = await post('/v1/peek', { ...alice, cost: 5 })
    const second = await post('/v1/peek', { ...alice, cost: 5 })
    expect([first.statusCode, second.statusCode]).toEqual([200, 200])
    expect((await post('/v1/peek', { ...alice, cost: 6 })).statusCode).toBe(429)
  })

  it('reset forgets what was spent, and names the policies', async () => {
    await post('/v1/consume', { ...alice, cost: 5 })
    const response = await post('/v1/reset', { ...alice, policy: 'api' })
    expect([response.statusCode, response.json()]).toEqual([200, { policies: ['api'] }])
    expect((await post('/v1/peek', { ...alice, cost: 5 })).statusCode).toBe(200)
  })

  it('block denies until it ends or unblock ends it, and both name the policies', async () => {
    const blocked = await post('/v1/block', { ...alice, duration: '10m' })
    expect([blocked.statusCode, blocked.json()]).toEqual([200, { policies: ['api'] }])
    const denied = await post('/v1/consume', alice)
    expect([denied.statusCode, denied.headers['retry-after']]).toEqual([429, '600'])
    expect(denied.json()).toMatchObject({ allowed: false, reason: 'blocked', retryAfterMs: 600_000 })
    const unblocked = await post('/v1/unblock', alice)
    expect([unblocked.statusCode, unblocked.json()]).toEqual([200, { policies: ['api'] }])
    expect((await post('/v1/consume', alice)).statusCode).toBe(200)
    await post('/v1/block', { ...alice, duration: 1500, policy: 'api' })
    clock.advance(1499)
    expect((await post('/v1/peek', alice)).json()).toMatchObject({ reason: 'blocked', retryAfterMs: 1 })
    clock.advance(1)
    expect((await post('/v1/peek', alice)).statusCode).toBe(200)
  })

  it.each([
    [{}, 'invalid-request', 'duration'],
    [{ duration: 'soon' }, 'invalid-options', 'duration'],
    [{ duration: 0 }, 'invalid-request', 'duration'],
    [{ duration: ['1m'] }, 'invalid-request', 'duration'],
    [{ duration: '1m', cost: 1 }, 'invalid-request', 'cost'],
  ])('block refuses %j', async (fields, code, path) => {
    const response = await post('/v1/block', { ...alice, ...fields })
    expect([response.statusCode, response.json()]).toEqual([400, expect.objectContaining({ code, path })])
  })

  it.each(['block', 'unblock'])('%s of nobody is a mistake, and of an unknown policy', async (verb) => {
    const duration = verb === 'block' ? { duration: '1m' } : {}
    const nobody = await post(`/v1/${verb}`, { attributes: { tenant: 'a' }, ...duration })
    expect([nobody.statusCode, nobody.json().code]).toEqual([400, 'invalid-key'])
    const unknown = await post(`/v1/${verb}`, { ...alice, policy: 'nope', ...duration })
    expect([unknown.statusCode, unknown.json().code]).toEqual([404, 'unknown-policy'])
  })

  it('reset, block and unblock reach rules that came with calls by the name http', async () => {
    const rule = { key: 'zb', limit: '1/min' }
    const named = { key: 'zb', policy: 'http' }
    const reached = { policies: ['http'] }
    for (const limit of ['1/min', '1/h']) await post('/v1/consume', { ...rule, limit })
    expect((await post('/v1/consume', rule)).json()).toMatchObject({ allowed: false, policy: 'http' })
    const reset = await post('/v1/reset', named)
    expect([reset.statusCode, reset.json()]).toEqual([200, reached])
    for (const limit of ['1/min', '1/h']) {
      expect((await post('/v1/consume', { ...rule, limit })).statusCode).toBe(200)
    }
    expect((await post('/v1/reset', named)).json()).toEqual(reached)
    expect((await post('/v1/block', { ...named, duration: '10m' })).json()).toEqual(reached)
    expect((await post('/v1/peek', rule)).json()).toMatchObject({ allowed: false, reason: 'blocked' })
    expect((await post('/v1/peek', { ...rule, key: 'other' })).statusCode).toBe(200)
    expect((await post('/v1/unblock', { attributes: { key: 'zb' }, policy: 'http' })).json()).toEqual(reached)
    expect((await post('/v1/peek', rule)).statusCode).toBe(200)
    const nobody = await post('/v1/reset', { policy: 'http' })
    expect([nobody.statusCode, nobody.json().code]).toEqual([400, 'invalid-key'])
  })

  it('the name of a policy for everybody is enough to reset, block and unblock it', async () => {
    const everybody = { name: 'g', key: 'global', rules: ['1/min'] } as const
    const each = { name: 'each', key: 'user', rules: ['1/min'] } as const
    service.apply({ policies: [everybody, each], allow: {}, deny: {}, notInForce: [], hash: 'global' })
    expect((await post('/v1/consume', alice)).statusCode).toBe(200)
    for (const [verb, fields] of [
      ['reset', {}],
      ['block', { duration: '1m' }],
      ['unblock', {}],
    ] as const) {
      const response = await post(`/v1/${verb}`, { policy: 'g', ...fields })
      expect([verb, response.statusCode, response.json()]).toEqual([verb, 200, { policies: ['g'] }])
      const keyed = await post(`/v1/${verb}`, { policy: 'each', ...fields })
      expect([keyed.statusCode, keyed.json().code]).toEqual([400, 'invalid-key'])
      const nobody = await post(`/v1/${verb}`, fields)
      expect([nobody.statusCode, nobody.json().path]).toEqual([400, 'attributes'])
      const twice = await post(`/v1/${verb}`, { key: 'a', attributes: {}, policy: 'g', ...fields })
      expect([twice.statusCode, twice.json().path]).toEqual([400, 'key'])
    }
    expect((await post('/v1/consume', { attributes: { user: 'bob' } })).statusCode).toBe(200)
  })

  it('takes a descriptor beside the attributes', async () => {
    service.apply({
      policies: [
        { name: 'rls', match: { descriptor: ['tenant'] }, key: 'descriptor.tenant', rules: ['2/s'] },
      ],
      allow: {},
      deny: {},
      notInForce: [],
      hash: 'descriptors',
    })
    const descriptor = [{ key: 'tenant', value: 'acme' }]
    const response = await post('/v1/consume', { ...alice, descriptor })
    expect(response.json()).toMatchObject({ policy: 'rls', remaining: 1 })
    const bob = await post('/v1/consume', { key: 'bob', descriptor: [{ key: 'tenant', value: 'b' }] })
    expect(bob.json()).toMatchObject({ policy: 'rls', remaining: 1 })
    const other = await post('/v1/consume', { ...alice, descriptor: [...descriptor, ...descriptor] })
    expect(other.json()).toMatchObject({ reason: 'unmatched' })
  })

  it('reset refuses a cost', async () => {
    const response = await post('/v1/reset', { ...alice, cost: 1 })
    expect(response.statusCode).toBe(400)
    expect(response.json()).toMatchObject({ code: 'invalid-request', path: 'cost' })
  })
})

describe('the other routes', () => {
  it('lists policies and what is not in force', async () => {
    const response = await app.inject('/v1/policies')
    expect(response.json()).toEqual({
      hash: 'abc',
      policies: [{ name: 'api', key: 'user', rules: [{ name: 'burst', limit: '5/10s', burst: 5 }] }],
      allow: { ip: 1 },
      deny: { user: 1 },
      notInForce: [{ path: 'policies[0].rollout', message: expect.stringContaining('not in force') }],
      rejected: null,
    })
  })

  it('is live, and ready until it drains', async () => {
    expect((await app.inject('/livez')).statusCode).toBe(200)
    const configuration = { hash: 'abc', rejected: null }
    expect((await app.inject('/readyz')).json()).toEqual({ ready: true, configuration })
    service.drain()
    const response = await app.inject('/readyz')
    expect(response.statusCode).toBe(503)
    expect(response.json()).toMatchObject({
      ready: false,
      code: 'closed',
      detail: 'shutting down',
      configuration,
    })
    expect((await app.inject('/livez')).statusCode).toBe(200)
  })

  it.each([
    ['GET', '/v1/consume', 405, 'POST'],
    ['OPTIONS', '/v1/reset', 405, 'POST'],
    ['POST', '/v1/policies', 405, 'GET, HEAD'],
    ['DELETE', '/readyz', 405, 'GET, HEAD'],
    ['PUT', '/v1/openapi.json', 405, 'GET, HEAD'],
    ['GET', '/', 404, undefined],
    ['GET', '/v1/consume/', 404, undefined],
    ['GET', '/toString', 404, undefined],
    ['GET', '/%zz', 400, undefined],
  ] as const)('%s %s: %i', async (method, url, status, allow) => {
    const response = await app.inject({ method, url })
    expect([response.statusCode, response.headers['allow']]).toEqual([status, allow])
    expect(response.headers['content-type']).toContain('application/problem+json')
    expect(response.json()).toMatchObject({ type: 'about:blank', status, code: 'invalid-request' })
  })
})

/** The service, every decision of which ends so. */
function failingWith(reason: unknown): Service {
  const failing: Service = {
    ...service,
    decide: () => Promise.reject(reason),
    decideAtOnce: () => {
      throw reason
    },
    callerOf: () => failing,
  }
  return failing
}

describe('a failure that time mends', () => {
  it('is answered with the status of its code, and when to come again', async () => {
    const error = new HeadgateError('too-many-windows', 'a key holds five windows', { retryAfterMs: 90_001 })
    const other = createHttpServer(failingWith(error))
    const response = await other.inject({ method: 'POST', url: '/v1/consume', payload: alice })
    expect([response.statusCode, response.headers['retry-after']]).toEqual([429, '91'])
    expect(response.headers['content-type']).toContain('application/problem+json')
    expect(response.json()).toMatchObject({ code: 'too-many-windows', detail: 'a key holds five windows' })
    expect(failures).toMatchObject([{ isCallers: true }])
    await other.close()
  })
})

describe('failures that are not the caller’s', () => {
  const cause = new Error('connect ECONNREFUSED 10.1.2.3:6379')
  it.each([
    [
      'a store that cannot answer',
      new HeadgateError('store-unavailable', cause.message, { cause }),
      503,
      '1',
    ],
    ['a defect', cause, 500, undefined],
  ])('%s is reported, and nothing leaks', async (_, thrown, status, retryAfter) => {
    const other = createHttpServer(failingWith(thrown))
    const response = await other.inject({ method: 'POST', url: '/v1/consume', payload: alice })
    expect([response.statusCode, response.headers['retry-after']]).toEqual([status, retryAfter])
    expect(response.headers['content-type']).toContain('application/problem+json')
    expect(response.body).not.toMatch(/ECONN|10\.1|at /)
    expect(failures.map(({ error }) => error.cause)).toEqual([cause])
    await other.close()
  })
})
