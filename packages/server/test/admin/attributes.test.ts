/** From a key that is listed to a call about it: what a page knows of somebody is enough to reset and to block. */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ANY_CHARACTER } from '../../../limiter/test/any-character.ts'
import { observed } from '../observe/observed-service.ts'
import { type AdminServer, adminOf } from './admin-server.ts'
import { described } from './described.ts'

const FILE = `
policies:
  - { name: users, key: user, rules: [1/min] }
  - { name: pairs, match: { path: /pairs }, key: [user, ip], rules: [1/min] }
  - { name: everybody, match: { path: /all }, key: global, rules: [1/min] }
  - { name: addresses, match: { path: /ips }, key: ip, rules: [1/min] }
  - { name: secrets, match: { path: /secrets }, key: apiKey, rules: [1/min] }
  - { name: tenants, match: { path: /tenants }, key: descriptor.tenant, rules: [1/min] }
`
const TOKENS = `
tokens:
  - { name: ops, hash: 'TOKEN(ops)', scopes: [admin] }
  - { name: pairs, hash: 'TOKEN(pairs)', scopes: [admin], policies: [pairs] }
  - { name: spender, hash: 'TOKEN(spender)', scopes: [consume] }
`

async function attributesOf(admin: AdminServer, policy: string, key: string, as?: string) {
  const answer = await admin.ask('/v1/attributes', { body: { policy, key }, ...(as !== undefined && { as }) })
  return { ...answer, attributes: answer.json.attributes }
}

describe('POST /v1/attributes', () => {
  let admin: AdminServer
  beforeAll(async () => {
    admin = await adminOf(FILE)
  })
  afterAll(() => admin[Symbol.asyncDispose]())

  it.each([
    ['users', { user: 'alice' }],
    ['users', { user: '~h-like' }],
    ['users', { ip: '192.0.2.9' }],
    ['pairs', { user: 'a:b', ip: '192.0.2.1' }],
    ['everybody', { user: 'bob' }],
    ['addresses', { ip: '2001:db8:1:2::3' }],
    ['tenants', { descriptor: [{ key: 'tenant', value: 'acme' }] }],
  ])('leads from a denial by %s of %j to the attributes that reset it', async (policy, who) => {
    const path = { users: '/', pairs: '/pairs', everybody: '/all', addresses: '/ips', tenants: '/tenants' }[
      policy
    ] as string
    const { service } = admin
    const consume = async () => {
      const { decisions } = await service.decide([{ who: { ...who, path }, policy }], { transport: 'http' })
      return decisions[0]?.allowed
    }
    expect([await consume(), await consume()]).toEqual([true, false])
    const { json } = await admin.ask(`/v1/denials?policy=${policy}`)
    const [{ key }] = json.denials[0].keys
    const answer = await attributesOf(admin, policy, key)
    expect(await described(admin, '/v1/attributes', answer, 'post')).toBeUndefined()
    const reset = await admin.ask('/v1/reset', { body: { ...answer.json, policy } })
    expect(reset.json).toEqual({ policies: [policy] })
    expect(await consume()).toBe(true)
  })

  it('says that a key which hides a secret tells nothing, nor one that was cut', async () => {
    const who = { apiKey: 'sk_1', user: 'x'.repeat(300) }
    for (const policy of ['users', 'secrets', 'users', 'secrets']) {
      await admin.service.decide([{ who, policy }], { transport: 'http' })
    }
    const { json } = await admin.ask('/v1/denials?limit=2')
    const hidden = json.denials.flatMap(({ keys }: { keys: { policy: string; key: string }[] }) => keys)
    expect(hidden).toHaveLength(2)
    for (const { policy, key } of hidden) {
      const { status, json } = await attributesOf(admin, policy, key)
      expect([status, json.code, json.path]).toEqual([400, 'invalid-key', 'key'])
    }
  })

  it.each([
    ['users', '~hAbc'],
    ['users', '~g'],
    ['pairs', 'alice'],
    ['pairs', '~5:alice'],
    ['pairs', '~9:alice1:b'],
    ['everybody', 'alice'],
    ['addresses', 'nowhere'],
    ['tenants', '~4:acme'],
  ])('answers 400 for what is no key of %s: %s', async (policy, key) => {
    expect((await attributesOf(admin, policy, key)).status).toBe(400)
  })

  it('says which policy there is not, and tells a token of its own alone', async () => {
    await using admin = await adminOf(FILE + TOKENS)
    const status = async (policy: string, key: string, as: string) =>
      (await attributesOf(admin, policy, key, as)).status
    expect(await status('usres', 'alice', 'ops')).toBe(404)
    expect(await status('users', 'alice', 'ops')).toBe(200)
    expect(await status('users', 'alice', 'pairs')).toBe(404)
    expect(await status('pairs', '~5:alice9:192.0.2.1', 'pairs')).toBe(200)
    expect(await status('users', 'alice', 'spender')).toBe(403)
  })

  it('leads back from whatever a key is made of, or nowhere', async () => {
    await using at = observed(FILE)
    const text = fc.string({ minLength: 1, maxLength: 80, unit: ANY_CHARACTER })
    await fc.assert(
      fc.asyncProperty(text, fc.ipV4(), async (user, ip) => {
        for (let i = 0; i < 2; i++) await at.consume({ user, ip, path: '/pairs' })
        const [denial] = (await at.observer.denials(at.service, { limit: 1 })).denials
        for (const one of denial?.keys ?? []) {
          const expected = one.policy === 'users' ? { user } : { user, ip }
          expect(at.observer.attributesOf(at.service, one)).toEqual(expected)
        }
      }),
      { numRuns: 15 },
    )
  })
})

describe('a reset or a block from a page', () => {
  it('is told with the name of its token', async () => {
    await using admin = await adminOf(FILE + TOKENS)
    const told: unknown[] = []
    admin.service.on('change', ({ action, actor, transport, keys }) =>
      told.push({ action, actor, transport, keys }),
    )
    const { attributes } = await attributesOf(admin, 'users', 'alice', 'ops')
    const origin = { origin: admin.url, 'sec-fetch-site': 'same-origin' }
    const body = { attributes, policy: 'users' }
    await admin.ask('/v1/reset', { as: 'ops', headers: origin, body })
    await admin.ask('/v1/block', { as: 'ops', headers: origin, body: { ...body, duration: '10m' } })
    const keys = [{ policy: 'users', key: 'alice' }]
    expect(told).toEqual([
      { action: 'reset', actor: 'ops', transport: 'admin', keys },
      { action: 'block', actor: 'ops', transport: 'admin', keys },
    ])
  })
})
