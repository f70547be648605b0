import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import { memoryStore } from 'headgate'
import { manualClock } from 'headgate/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createService } from '../../src/service/create-service.ts'
import type { Service } from '../../src/service/service.ts'
import { createHttpServer } from '../../src/transports/http/server.ts'

let service: Service
let app: FastifyInstance

beforeEach(() => {
  service = createService({
    configuration: {
      policies: [
        { name: 'api', key: 'user', match: { path: '/api/**' }, rules: ['5/min'] },
        {
          name: 'partner',
          key: 'apiKey',
          match: { apiKey: ['s3cret-1', 's3cret-2'], method: 'GET' },
          rules: ['9/min'],
        },
      ],
      allow: {},
      deny: [{ apiKey: 's3cret-3' }],
      notInForce: [],
      hash: 'abc',
    },
    store: {
      store: memoryStore({ clock: manualClock() }),
      label: 'memory',
      resilience: {},
      ping: async () => {},
    },
  })
  app = createHttpServer(service)
})

afterEach(async () => {
  await app.close()
})

function explain(body: object): Promise<LightMyRequestResponse> {
  return app.inject({ method: 'POST', url: '/v1/explain', payload: body, headers: { 'headgate-hash': '?1' } })
}

describe('POST /v1/explain', () => {
  it('says of every policy whether it applies and why, and what consume would answer', async () => {
    const events: unknown[] = []
    service.on('decision', (event) => events.push(event))
    const response = await explain({ attributes: { user: 'alice', path: '/api/x', method: 'PUT' }, cost: 2 })
    expect(response.statusCode).toBe(200)
    expect(response.headers['headgate-config']).toBe('abc')
    expect(response.json()).toMatchObject({
      listed: null,
      policies: [
        { policy: 'api', outcome: 'applies', key: { user: 'alice' }, cost: 2, rules: [{ remaining: 3 }] },
        { policy: 'partner', outcome: 'unmatched', key: null, rules: [] },
      ],
      decision: { allowed: true, policy: 'api', remaining: 3, receipt: null },
    })
    const again = await explain({ attributes: { user: 'alice', path: '/api/x' } })
    expect(again.json().decision.remaining).toBe(4)
    expect(events).toEqual([])
  })

  it('answers 200 for a denial too', async () => {
    const response = await explain({ attributes: { apiKey: 's3cret-3' } })
    expect(response.statusCode).toBe(200)
    expect(response.json()).toMatchObject({ listed: { list: 'deny' }, decision: { allowed: false } })
  })

  it('repeats no value that may be a secret, of the request or of the configuration', async () => {
    for (const apiKey of ['s3cret-1', 's3cret-3', 's3cret-9']) {
      const { body } = await explain({ attributes: { apiKey, method: 'GET', user: 'a' } })
      expect(body).not.toContain('s3cret')
      expect(body).toContain('"attribute":"apiKey","value":"…"')
    }
    const { policies } = (await explain({ attributes: { apiKey: 's3cret-1', method: 'GET' } })).json()
    expect(policies[1]).toMatchObject({
      outcome: 'applies',
      key: { apiKey: '…' },
      conditions: [
        { attribute: 'apiKey', met: true, wanted: [], patterns: 2 },
        { attribute: 'method', value: 'GET', met: true, wanted: ['GET'] },
      ],
    })
  })

  it.each<[object, number, object]>([
    [{}, 400, { path: 'attributes' }],
    [{ key: 'a', cost: -1 }, 400, { code: 'invalid-cost', path: 'cost' }],
    [{ key: 'a', receipt: 'x' }, 400, { path: 'receipt' }],
    [{ key: 'a', policy: 'apy' }, 404, { code: 'unknown-policy', path: 'policy' }],
    [{ attributes: { path: '/api' } }, 400, { code: 'invalid-key', path: 'attributes' }],
    [{ attributes: { user: ['a'] } }, 400, { code: 'invalid-key', path: 'attributes.user' }],
  ])('refuses %j as consume does', async (body, status, problem) => {
    const response = await explain(body)
    expect(response.statusCode).toBe(status)
    expect(response.json()).toMatchObject(problem)
    // The words may name the fields that there are, of which consume has more.
    const consumed = (await app.inject({ method: 'POST', url: '/v1/consume', payload: body })).json()
    expect({ ...response.json(), detail: '' }).toEqual({ ...consumed, detail: '' })
  })
})
