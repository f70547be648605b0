import { describe, expect, it } from 'vitest'
import { adminOf } from './admin-server.ts'
import { described } from './described.ts'

const SECRET = '9f2c6b1d4e8a7053c1f6d2b98e4a7c30'
const FILE = `
policies:
  - { name: users, match: { apiKey: sk_live_1 }, key: user, rules: [2/min] }
  - { name: shop, match: { domain: shop }, key: user, rules: [1/min] }
receipts: { key: ${SECRET} }
jwt: { algorithms: [HS256], secret: ${SECRET}${SECRET} }
attributes: { user: [jwt.sub] }
trustedProxies: [10.0.0.0/8]
admin: { hosts: [limits.internal] }
tokens:
  - { name: all, hash: 'TOKEN(all)', scopes: [read], limit: 100/s }
  - { name: shop, hash: 'TOKEN(shop)', scopes: [read], domains: [shop] }
  - { name: spender, hash: 'TOKEN(spender)', scopes: [consume] }
`

describe('GET /v1/health', () => {
  it('tells how store and instance are', async () => {
    await using admin = await adminOf(FILE)
    admin.at.second()
    admin.service.tell('certificate', { fingerprint: 'AB:CD', notAfterMs: 5, isNew: true })
    const answer = await admin.ask('/v1/health', { as: 'all' })
    expect(answer.json).toMatchObject({
      version: '1.2.3',
      token: { name: 'all', scopes: ['read'] },
      uptimeMs: 1000,
      isDraining: false,
      configuration: { rejected: null },
      store: { available: true, breaker: 'closed', consecutiveFailures: 0, replicas: 1 },
      certificate: { fingerprint: 'AB:CD', notAfterMs: 5 },
    })
    expect(await described(admin, '/v1/health', answer)).toBeUndefined()
    expect((await admin.ask('/v1/health', { as: 'spender' })).status).toBe(403)
  })

  it('says of a token of another form that it is one, and not that none was sent', async () => {
    await using admin = await adminOf(FILE)
    const asked = async (headers: Record<string, string>) =>
      (await admin.ask('/v1/health', { headers })).json.detail
    expect(await asked({ authorization: 'Bearer of-a-user' })).toContain('not of the form')
    expect(await asked({ 'x-headgate-token': 'of-a-user' })).toContain('not of the form')
    expect(await asked({})).toContain('this takes a token')
  })

  it('needs no token where there are none', async () => {
    await using admin = await adminOf('policies: [{ name: users, key: user, rules: [2/min] }]')
    const answer = await admin.ask('/v1/health')
    expect(answer.json.token).toBeNull()
    expect(await described(admin, '/v1/health', answer)).toBeUndefined()
  })

  it('counts decisions, and no looks', async () => {
    await using admin = await adminOf(FILE)
    const who = { user: 'alice', domain: 'shop' }
    await admin.at.consume(who)
    await admin.service.explain(who, {})
    await admin.service.usage(who)
    const { json } = await admin.ask('/v1/health', { as: 'all' })
    expect(json.decisions).toMatchObject({ store: 1, fallback: 0 })
  })

  it('tells why a configuration is rejected, until one is not', async () => {
    await using admin = await adminOf(FILE)
    const rejected = { file: null, path: 'x', line: 1, column: 1, message: 'is wrong', more: 0 }
    admin.service.reject(rejected)
    const answer = await admin.ask('/v1/health', { as: 'all' })
    expect(answer.json.configuration.rejected).toEqual(rejected)
    expect(await described(admin, '/v1/health', answer)).toBeUndefined()
    admin.service.apply({ ...admin.service.configuration(), hash: 'b' })
    const { json } = await admin.ask('/v1/health', { as: 'all' })
    expect(json.configuration).toEqual({ hash: 'b', rejected: null })
  })
})

describe('GET /v1/configuration', () => {
  it('tells what is in force, and nothing secret', async () => {
    await using admin = await adminOf(FILE)
    const answer = await admin.ask('/v1/configuration', { as: 'all' })
    expect(answer.json).toMatchObject({
      policies: [{ name: 'users', match: { apiKey: { values: 1 } } }, { name: 'shop' }],
      file: 'headgate.yaml',
      store: 'memory',
      options: { '--port': 8080 },
      trustedProxies: ['10.0.0.0/8'],
      attributes: { user: ['jwt.sub'] },
      jwt: { algorithms: ['HS256'], header: 'authorization' },
      receipts: { isConfigured: true, previousKeys: 0 },
      hashKeys: false,
      adminHosts: ['limits.internal'],
    })
    expect(answer.json.tokens[0]).toEqual({
      name: 'all',
      scopes: ['read'],
      domains: null,
      policies: null,
      limit: '100/s',
    })
    expect(answer.text).not.toMatch(/sha256|sk_live|9f2c6b1d/)
    expect(await described(admin, '/v1/configuration', answer)).toBeUndefined()
  })

  it('tells a token of some domains its policies alone', async () => {
    await using admin = await adminOf(FILE)
    const answer = await admin.ask('/v1/configuration', { as: 'shop' })
    expect(answer.json.policies.map(({ name }: { name: string }) => name)).toEqual(['shop'])
    expect(answer.json).toMatchObject({ tokens: null, options: null, file: null, http: null })
    expect(answer.text).not.toMatch(/spender|users/)
    expect(await described(admin, '/v1/configuration', answer)).toBeUndefined()
  })
})
