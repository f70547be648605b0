import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openApi } from './http-fixture.ts'

const of = (user: string, more: object = {}) => ({ attributes: { user }, ...more })
const batch = (requests: unknown, more: object = {}) => ({ requests, ...more })

describe('POST /v1/batch', () => {
  it('decides each request by itself, with its own verb', async () => {
    await using api = openApi()
    const answer = await api.post(
      '/v1/batch',
      batch([
        of('alice', { cost: 3 }),
        of('alice', { verb: 'peek', cost: 7 }),
        of('bob', { verb: 'charge', cost: 12 }),
        of('bob', { verb: 'credit', cost: 5 }),
        of('carol', { cost: 11 }),
      ]),
    )
    expect(answer.statusCode).toBe(200)
    const { allowed, retryAfterMs, decisions } = answer.json()
    expect([allowed, retryAfterMs]).toEqual([false, null])
    expect(decisions).toMatchObject([
      { allowed: true, remaining: 7, receipt: expect.stringMatching(/^r1\./) },
      { allowed: true, remaining: 0, receipt: null },
      { allowed: true, remaining: 0 },
      { allowed: true, credited: 5 },
      { allowed: false, reason: 'cost-exceeds-capacity' },
    ])
    expect(await api.left('alice')).toEqual([7])
  })

  it('says when all would pass', async () => {
    await using api = openApi()
    await api.post('/v1/consume', of('alice', { cost: 10 }))
    const denied = (await api.post('/v1/batch', batch([of('alice'), of('bob')]))).json()
    expect(denied).toMatchObject({ allowed: false, retryAfterMs: 60_000 })
    const passed = (await api.post('/v1/batch', batch([of('bob')]))).json()
    expect(passed).toMatchObject({ allowed: true, retryAfterMs: 0 })
  })

  it('has a problem document in place of one that is wrong, and the others are unharmed', async () => {
    await using api = openApi()
    const wrong: [unknown, string, string][] = [
      [of('alice', { cost: -1 }), 'invalid-cost', 'cost'],
      [of('alice', { cost: '1' }), 'invalid-cost', 'cost'],
      [{}, 'invalid-request', 'attributes'],
      [{ attributes: { user: [] } }, 'invalid-key', 'attributes.user'],
      [of('alice', { verb: 'reserve' }), 'invalid-request', 'verb'],
      [of('alice', { ttl: '5m' }), 'invalid-request', 'ttl'],
      [of('alice', { anyOf: 'a' }), 'invalid-request', 'anyOf'],
      [of('alice', { policy: 'none' }), 'unknown-policy', 'policy'],
      [of('alice', { limit: 'often' }), 'invalid-rule', 'limit'],
      [{ key: 'alice' }, 'invalid-key', 'attributes'],
    ]
    const requests = wrong.flatMap(([request]) => [request, of('bob')])
    const answer = await api.post('/v1/batch', batch(requests))
    expect(answer.statusCode).toBe(200)
    const { allowed, retryAfterMs, decisions } = answer.json()
    expect([allowed, retryAfterMs]).toEqual([false, null])
    for (const [i, [, code, path]] of wrong.entries()) {
      expect(decisions[2 * i]).toMatchObject({ type: 'about:blank', code, path })
      expect(decisions[2 * i + 1]).toMatchObject({ allowed: true, remaining: 9 - i })
    }
    expect(await api.left('alice')).toEqual([10])
    expect(api.failures).toEqual([])
  })

  it('property: of requests for one key each knows of those before it', async () => {
    const costs = fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(costs, async (list) => {
        await using api = openApi()
        const { decisions } = (
          await api.post('/v1/batch', batch(list.map((cost) => of('alice', { cost }))))
        ).json()
        let left = 10
        for (const [i, cost] of list.entries()) {
          expect(decisions[i].allowed).toBe(cost <= left)
          if (cost <= left) left -= cost
        }
        expect(await api.left('alice')).toEqual([left])
      }),
      { numRuns: 30 },
    )
  })

  it.each([
    [{}, 'requests'],
    [batch([]), 'requests'],
    [batch(Array.from({ length: 101 }, () => of('a'))), 'requests'],
    [batch({}), 'requests'],
    [batch(null), 'requests'],
    [batch([5]), 'requests.0'],
    [batch([null]), 'requests.0'],
    [batch([of('a')], { together: 'yes' }), 'together'],
    [batch([of('a')], { deadlineMs: -1 }), 'deadlineMs'],
    [batch([of('a')], { policy: 'api' }), 'policy'],
  ])('is refused as a whole, and nothing is spent: %j', async (body, path) => {
    await using api = openApi()
    const refused = await api.post('/v1/batch', body)
    expect(refused.statusCode).toBe(400)
    expect(refused.json().path).toBe(path)
    expect(await api.left('a')).toEqual([10])
  })
})

describe('POST /v1/batch with together', () => {
  const together = { together: true }

  it('spends for all of them, or for none', async () => {
    await using api = openApi()
    const passed = await api.post('/v1/batch', batch([of('alice', { cost: 6 }), of('bob')], together))
    expect(passed.statusCode).toBe(200)
    expect(passed.json()).toMatchObject({ allowed: true, retryAfterMs: 0 })
    for (const { receipt } of passed.json().decisions) expect(receipt).toMatch(/^r1\./)
    const denied = await api.post('/v1/batch', batch([of('bob'), of('alice', { cost: 6 })], together))
    expect([denied.statusCode, denied.headers['retry-after']]).toEqual([429, '60'])
    expect(denied.json()).toMatchObject({
      allowed: false,
      retryAfterMs: 60_000,
      decisions: [
        { allowed: true, receipt: null },
        { allowed: false, receipt: null },
      ],
    })
    expect([await api.left('alice'), await api.left('bob')]).toEqual([[4], [9]])
    const asked = await api.post('/v1/batch?status=200', batch([of('alice', { cost: 6 })], together))
    expect(asked.statusCode).toBe(200)
  })

  it('adds up the costs of requests for one key', async () => {
    await using api = openApi()
    const twice = (cost: number) => batch([of('alice', { cost }), of('alice', { cost })], together)
    expect((await api.post('/v1/batch', twice(6))).json()).toMatchObject({
      allowed: false,
      retryAfterMs: null,
    })
    expect(await api.left('alice')).toEqual([10])
    expect((await api.post('/v1/batch', twice(5))).json()).toMatchObject({ allowed: true })
    expect(await api.left('alice')).toEqual([0])
  })

  it('takes groups of which one has to pass, and rules that come with a call', async () => {
    await using api = openApi()
    await api.post('/v1/consume', of('alice', { cost: 10 }))
    const requests = [of('alice', { anyOf: 'a' }), of('bob', { anyOf: 'a' }), { key: 'job', limit: '1/min' }]
    expect((await api.post('/v1/batch', batch(requests, together))).json()).toMatchObject({
      allowed: true,
      decisions: [{ allowed: false }, { allowed: true }, { allowed: true, policy: 'http' }],
    })
    expect((await api.post('/v1/batch', batch(requests, together))).statusCode).toBe(429)
    expect(await api.left('bob')).toEqual([9])
  })

  it.each([
    [of('b', { cost: -1 }), 400, 'requests[1].cost'],
    [{}, 400, 'requests[1].attributes'],
    [{ key: 'b' }, 400, 'requests[1].attributes'],
    [of('b', { policy: 'none' }), 404, 'requests[1].policy'],
    [of('b', { limit: 'often' }), 400, 'requests[1].limit'],
    [of('b', { limit: '1/s', burst: 5 }), 400, 'requests[1].burst'],
  ])('is refused as a whole where one is wrong: %j', async (request, status, path) => {
    await using api = openApi()
    const refused = await api.post('/v1/batch', batch([of('a'), request], together))
    expect([refused.statusCode, refused.json().path]).toEqual([status, path])
    expect(await api.left('a')).toEqual([10])
  })
})
