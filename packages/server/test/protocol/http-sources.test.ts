/** Where attributes come from that the body of a call does not name, and who is believed. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { type JWTPayload, SignJWT, UnsecuredJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { parseConfig } from '../../src/config/config.ts'
import { live } from './live-server.ts'

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const pem = JSON.stringify(publicKey.export({ type: 'spki', format: 'pem' }))

interface Signed {
  readonly claims?: JWTPayload
  readonly key?: KeyObject | Uint8Array
  readonly alg?: string
  readonly expires?: string
}

async function bearer({
  claims = { sub: 'alice' },
  key = privateKey,
  alg = 'ES256',
  expires = '1h',
}: Signed = {}) {
  const token = new SignJWT(claims).setProtectedHeader({ alg }).setExpirationTime(expires).setIssuer('us')
  return { authorization: `Bearer ${await token.sign(key)}` }
}

function file(sources: string, more = ''): string {
  return `
jwt: { algorithms: [ES256], key: ${pem}, issuer: us }
attributes: { user: ${sources} }
policies:
  - { name: api, key: user, missing: refuse, rules: [2/min] }
${more}`
}

const trusted = 'trustedProxies: [127.0.0.0/8]'
const nobody = { attributes: {} }

describe('a jwt source', () => {
  it('is a claim of a token that verifies', async () => {
    await using server = await live(file('jwt.sub'))
    const answer = await server.ask('/v1/consume', { body: nobody, headers: await bearer() })
    expect(answer).toMatchObject({ status: 200, json: { remaining: 1 } })
    const named = await server.ask('/v1/consume', { body: { attributes: { user: 'alice' } } })
    expect(named.json).toMatchObject({ remaining: 0 })
  })

  it('is a claim inside others, and a whole number; a list is none', async () => {
    await using server = await live(file('[jwt.roles, jwt.realm.id]'))
    const headers = await bearer({ claims: { roles: ['admin'], realm: { id: 7 } } })
    expect((await server.ask('/v1/consume', { body: nobody, headers })).status).toBe(200)
    const named = await server.ask('/v1/consume', { body: { attributes: { user: '7' } } })
    expect(named.json).toMatchObject({ remaining: 0 })
  })

  it('says nothing where the body says something, null and an empty text included', async () => {
    await using server = await live(file('jwt.sub'))
    const headers = await bearer()
    const ask = (user: unknown) => server.ask('/v1/consume', { body: { attributes: { user } }, headers })
    expect((await ask('bob')).json).toMatchObject({ remaining: 1 })
    expect((await ask('alice')).json).toMatchObject({ remaining: 1 })
    for (const user of [null, ''])
      expect(await ask(user)).toMatchObject({ status: 400, json: { code: 'invalid-key' } })
    const key = await server.ask('/v1/consume', { body: { key: 'k' }, headers })
    expect(key).toMatchObject({ status: 400, json: { code: 'invalid-key' } })
  })

  const secret = new TextEncoder().encode(String(publicKey.export({ type: 'spki', format: 'pem' })))
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  it.each<[string, () => Promise<Record<string, unknown>> | Record<string, unknown>, string]>([
    ['that has expired', () => bearer({ expires: '-1 minute' }), 'it has expired'],
    ['of another key', () => bearer({ key: other }), 'its signature does not fit'],
    ['of another issuer', () => foreign(), 'iss'],
    ['signed with the public key as a secret', () => bearer({ key: secret, alg: 'HS256' }), 'its algorithm'],
    [
      'without a signature',
      () => ({
        authorization: `Bearer ${new UnsecuredJWT({ sub: 'alice' }).setExpirationTime('1h').encode()}`,
      }),
      'the token is not valid',
    ],
    ['that is none', () => ({ authorization: 'Bearer alice' }), 'it is no signed token'],
    ['without a value', () => ({ authorization: 'Bearer' }), 'it is no signed token'],
    ['that is long', () => ({ authorization: `Bearer ${'a'.repeat(9000)}` }), 'it is longer than 8192'],
    [
      'that is there twice',
      async () => ({ authorization: [(await bearer()).authorization, (await bearer()).authorization] }),
      'it is there twice',
    ],
  ])('of a token %s is told apart from one that is missing', async (_, make, why) => {
    await using server = await live(file('jwt.sub'))
    const headers = (await make()) as Record<string, string>
    const answer = await server.ask('/v1/consume', { body: nobody, headers })
    expect(answer).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
      json: { code: 'unauthenticated', detail: expect.stringContaining(why) },
    })
    expect(answer.text).not.toContain('alice')
  })

  async function foreign(): Promise<Record<string, string>> {
    const token = new SignJWT({ sub: 'alice' }).setProtectedHeader({ alg: 'ES256' }).setExpirationTime('1h')
    return { authorization: `Bearer ${await token.setIssuer('them').sign(privateKey)}` }
  }

  it.each([{}, { authorization: 'Basic YTpi' }])('of no token is missing: %j', async (headers) => {
    await using server = await live(file('jwt.sub'))
    const answer = await server.ask('/v1/consume', { body: nobody, headers })
    expect(answer).toMatchObject({ status: 400, json: { code: 'invalid-key', path: 'attributes' } })
  })

  it('falls back to the address where a policy counts by that, whatever the token', async () => {
    await using server = await live(file('jwt.sub').replace('refuse', 'ip'))
    const body = { attributes: { ip: '192.0.2.1' } }
    const headers = { authorization: 'Bearer alice' }
    expect((await server.ask('/v1/consume', { body, headers })).json).toMatchObject({ remaining: 1 })
    expect((await server.ask('/v1/consume', { body })).json).toMatchObject({ remaining: 0 })
  })
})

describe('a header source', () => {
  const headers = { 'X-User-Id': 'alice' }

  it('is believed from a trusted proxy only', async () => {
    await using believing = await live(file('header.x-user-id', trusted))
    expect((await believing.ask('/v1/consume', { body: nobody, headers })).status).toBe(200)
    await using other = await live(file('header.x-user-id', 'trustedProxies: [10.0.0.0/8]'))
    expect((await other.ask('/v1/consume', { body: nobody, headers })).status).toBe(400)
    await using none = await live(file('header.x-user-id'))
    expect((await none.ask('/v1/consume', { body: nobody, headers })).status).toBe(400)
  })

  it.each([
    [{ 'x-user-id': ['alice', 'mallory'] }, 'x-user-id is there 2 times'],
    [{ 'x-user-id': 'a'.repeat(1025) }, 'has 1025 characters'],
    [{ x_user_id: 'alice' }, 'needs the attribute "user"'],
    [{ 'x-user-id': '' }, 'needs the attribute "user"'],
  ])('of %j is refused', async (given, detail) => {
    await using server = await live(file('header.x-user-id', trusted))
    const answer = await server.ask('/v1/consume', { body: nobody, headers: given })
    expect(answer).toMatchObject({ status: 400, json: { detail: expect.stringContaining(detail) } })
  })
})

describe('other sources of a call', () => {
  it('are an entry of its descriptor and its peer, the first that is there', async () => {
    await using server = await live(file('[descriptor.user_id, peer.ip]'))
    const descriptor = [{ key: 'user_id', value: 'alice' }]
    await server.ask('/v1/consume', { body: { attributes: {}, descriptor } })
    await server.ask('/v1/consume', { body: nobody })
    const peek = async (user: string) =>
      (await server.ask('/v1/peek', { body: { attributes: { user } } })).json.remaining
    // Of two units one is spent, and a peek answers what is left after the other.
    expect(await peek('alice')).toBe(0)
    expect(await peek('127.0.0.1')).toBe(0)
    expect(await peek('bob')).toBe(1)
  })

  it('are never its own cookies', async () => {
    await using server = await live(file('cookie.user', trusted))
    const answer = await server.ask('/v1/consume', { body: nobody, headers: { cookie: 'user=alice' } })
    expect(answer.status).toBe(400)
  })
})

describe('another configuration', () => {
  it('has its own sources, key and proxies, from the next request on', async () => {
    await using server = await live(file('jwt.sub'))
    const headers = { ...(await bearer()), 'x-user-id': 'bob' }
    const ask = async () => (await server.ask('/v1/consume', { body: nobody, headers })).status
    expect(await ask()).toBe(200)
    server.service.apply(parseConfig(file('header.x-user-id'), 'headgate.yaml'))
    expect(await ask()).toBe(400)
    server.service.apply(parseConfig(file('header.x-user-id', trusted), 'headgate.yaml'))
    expect(await ask()).toBe(200)
    const foreignKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey
    const other = JSON.stringify(foreignKey.export({ type: 'spki', format: 'pem' }))
    server.service.apply(parseConfig(file('jwt.sub').replace(pem, other), 'headgate.yaml'))
    expect(await ask()).toBe(401)
  })
})

describe('every verb with a body', () => {
  it.each(['consume', 'peek', 'charge', 'credit', 'reserve', 'wait', 'explain'])(
    '%s asks the sources',
    async (verb) => {
      await using server = await live(file('jwt.sub'))
      const body = verb === 'wait' ? { ...nobody, timeout: '1s' } : nobody
      expect((await server.ask(`/v1/${verb}`, { body, headers: await bearer() })).status).toBe(200)
      const { status } = await server.ask(`/v1/${verb}`, { body, headers: { authorization: 'Bearer x' } })
      expect(status).toBe(401)
    },
  )

  it.each(['reset'])('%s does not: it does what its caller names', async (verb) => {
    await using server = await live(file('jwt.sub'))
    const { status } = await server.ask(`/v1/${verb}`, { body: nobody, headers: await bearer() })
    expect(status).toBe(400)
  })
})
