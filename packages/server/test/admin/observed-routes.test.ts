import { describe, expect, it } from 'vitest'
import { type AdminServer, adminOf } from './admin-server.ts'
import { described } from './described.ts'

const FILE = `
policies:
  - { name: users, key: user, rules: [2/min, 10/hour] }
  - { name: keys, key: apiKey, rules: [5/min] }
  - { name: everybody, key: global, rules: [1000/min] }
  - { name: writes, match: { method: POST }, key: user, mode: shadow, rules: [1/min] }
`

// biome-ignore lint/suspicious/noExplicitAny: reads its way through a document
type Json = any

async function busy(): Promise<AdminServer> {
  const admin = await adminOf(FILE)
  for (let i = 0; i < 4; i++) await admin.at.consume({ user: 'alice', ip: '192.0.2.1', apiKey: 'sk_1' })
  return admin
}

describe('GET /v1/denials', () => {
  it('lists denials, of one policy or all, and finds one', async () => {
    await using admin = await busy()
    const all = await admin.ask('/v1/denials')
    expect(all.json.denials).toHaveLength(2)
    expect(await described(admin, '/v1/denials', all)).toBeUndefined()
    expect((await admin.ask('/v1/denials?limit=1')).json.denials).toHaveLength(1)
    expect((await admin.ask('/v1/denials?policy=keys')).json.denials).toEqual([])
    for (const path of ['/v1/denials?policy=usres', '/v1/top?policy=usres']) {
      const { status, json } = await admin.ask(path)
      expect([status, json.code, json.path]).toEqual([404, 'unknown-policy', 'query.policy'])
      expect(json.detail).toContain('did you mean "users"?')
    }
    const [{ id }] = all.json.denials
    const one = await admin.ask(`/v1/denials/${id}`)
    expect(one.json).toMatchObject({ id, policy: 'users', retryAfterMs: expect.any(Number) })
    expect(await described(admin, '/v1/denials/{id}', one)).toBeUndefined()
  })

  it('says that it knows its own only', async () => {
    await using admin = await busy()
    const answer = await admin.ask('/v1/denials/mX2_vb9Q-1f')
    expect(answer.status).toBe(404)
    expect(answer.json.detail).toMatch(/an instance knows its own/)
    expect(await described(admin, '/v1/denials/{id}', answer)).toBeUndefined()
    const other = await admin.ask('/v1/denials/x', { method: 'DELETE' })
    expect([other.status, other.headers['allow']]).toEqual([405, 'GET, HEAD'])
  })

  it.each([
    ['/v1/denials?limit=0', 'query.limit'],
    ['/v1/denials?limit=1001', 'query.limit'],
    ['/v1/denials?limit=1&limit=2', 'query.limit'],
    ['/v1/denials?limit=-1', 'query.limit'],
    ['/v1/denials?lmit=1', 'query'],
    ['/v1/top?by=name', 'query.by'],
    ['/v1/top?count=101', 'query.count'],
    ['/v1/stats?x', 'query'],
  ])('%s is wrong about %s', async (path, field) => {
    await using admin = await adminOf(FILE)
    const { status, json } = await admin.ask(path)
    expect([status, json.path]).toEqual([400, field])
  })
})

describe('GET /v1/top and /v1/stats', () => {
  it('answer as they are described', async () => {
    await using admin = await busy()
    const top = await admin.ask('/v1/top?by=denied&policy=users&count=5')
    expect(top.json.keys).toEqual([{ policy: 'users', key: 'alice', count: 2, error: 0, margin: 0 }])
    expect(await described(admin, '/v1/top', top)).toBeUndefined()
    const stats = await admin.ask('/v1/stats')
    expect(stats.json).toMatchObject({ totalRequests: 4, denied: 2, activePolicies: 4 })
    expect(await described(admin, '/v1/stats', stats)).toBeUndefined()
  })
})

describe('POST /v1/usage', () => {
  it('tells how every policy stands under a key, also where it does not match, and spends nothing', async () => {
    await using admin = await adminOf(FILE)
    await admin.at.consume({ user: 'alice', apiKey: 'sk_1' })
    const ask = () => admin.ask('/v1/usage', { body: { attributes: { user: 'alice' } } })
    const answer = await ask()
    expect(await described(admin, '/v1/usage', answer, 'post')).toBeUndefined()
    const { policies } = answer.json
    expect(policies.map(({ policy, key }: Json) => [policy, key])).toEqual([
      ['users', 'alice'],
      ['everybody', '~g'],
      ['writes', 'alice'],
    ])
    expect(policies[0]).toMatchObject({
      blockedForMs: null,
      source: 'store',
      rules: [
        { rule: '1m', limit: 2, used: 1, remaining: 1, isShadow: false },
        { rule: '1h', limit: 10, used: 1, remaining: 9, isShadow: false },
      ],
    })
    expect(policies[2].rules).toMatchObject([{ used: 0, isShadow: true }])
    expect((await ask()).json).toEqual(answer.json)
    expect((await admin.observer.statistics(admin.service)).totalRequests).toBe(1)
  })

  it('tells of a block, and no secret', async () => {
    await using admin = await adminOf(FILE)
    await admin.service.block({ apiKey: 'sk_1' }, '1m', { transport: 'admin' })
    const { json, text } = await admin.ask('/v1/usage', {
      body: { attributes: { apiKey: 'sk_1' }, policy: 'keys' },
    })
    expect(json.policies).toMatchObject([{ policy: 'keys', blockedForMs: expect.any(Number) }])
    expect(json.policies[0].blockedForMs).toBeGreaterThan(59_000)
    expect(text).not.toContain('sk_1')
  })

  it('tells of a block that denies nobody, since all policies are in shadow', async () => {
    await using admin = await adminOf(FILE)
    await admin.service.block({ user: 'alice' }, '1m', { transport: 'admin', policy: 'users' })
    await admin.at.changes.setShadow(true, { transport: 'admin', expected: 'any' })
    expect(await admin.at.consume({ user: 'alice' })).toBeNull()
    const ask = (user: string) => admin.ask('/v1/usage', { body: { attributes: { user }, policy: 'users' } })
    expect((await ask('alice')).json.policies[0].blockedForMs).toBeGreaterThan(59_000)
    expect((await ask('bob')).json.policies[0].blockedForMs).toBeNull()
  })

  it('says which policy there is not, or that one cannot be asked without its key', async () => {
    await using admin = await adminOf(FILE)
    const ask = (policy: string) => admin.ask('/v1/usage', { body: { attributes: { user: 'a' }, policy } })
    expect((await ask('nope')).status).toBe(404)
    expect((await ask('keys')).status).toBe(400)
  })
})
