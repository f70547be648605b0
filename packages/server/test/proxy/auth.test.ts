import { hash, scryptSync } from 'node:crypto'
import { request as httpsRequest } from 'node:https'
import { expect, it, vi } from 'vitest'
import { newApiKey } from '../../src/service/identity/api-key-text.ts'
import { CERTIFICATES, pemOf, tlsOf } from '../protocol/secure-listener.ts'
import { KeyServer, publishes, sends, signed, signingKey } from './key-server.ts'
import { type ProxyTestOptions, type ProxyUnderTest, startProxy } from './proxy-under-test.ts'

const key = newApiKey('shop')
const digest = hash('sha256', key, 'hex')
const signer = signingKey('first')

function hashed(password: string): string {
  const base64 = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '')
  const salt = Buffer.alloc(16, 1)
  return `$scrypt$ln=14,r=8,p=1$${base64(salt)}$${base64(scryptSync(password, salt, 32, { N: 2 ** 14 }))}`
}

const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

/** A configuration that takes keys, tokens and passwords. */
const configuration = (jwksUrl: string, more = ''): string => `
policies: []
jwt: { algorithms: [ES256], jwksUrl: "${jwksUrl}", issuer: "https://login.example" }
proxy:
  require: [apiKey, jwt, basic]
  apiKeys: { keys: [{ id: shop, hash: "sha256:${digest}", scopes: [read] }] }
  basic: { realm: Shop, users: { alice: { hash: "${hashed('secret')}", scopes: [admin] } } }
  routes: [{ path: /admin, scopes: [admin] }, { path: /public, require: none }]
  ${more}`

const claims = { iss: 'https://login.example' }

/** Runs with a proxy in front of an application, and an issuer of tokens. */
async function guarded(
  run: (proxy: ProxyUnderTest, issuer: KeyServer) => Promise<void>,
  options: ProxyTestOptions = {},
): Promise<void> {
  const issuer = await new KeyServer(signer).listen()
  try {
    await using proxy = await startProxy(configuration(issuer.url), options)
    await run(proxy, issuer)
  } finally {
    await issuer.close()
  }
}

/** What the application was told of who it is, and which credentials it got. */
const told = ({ seen }: ProxyUnderTest): unknown => {
  const { rawHeaders = [] } = seen.at(-1) ?? {}
  const names = ['x-auth-principal', 'x-auth-scopes', 'authorization', 'x-api-key']
  const pairs = rawHeaders.flatMap((name, i) =>
    i % 2 === 0 ? [[name.toLowerCase(), rawHeaders[i + 1]]] : [],
  )
  return Object.fromEntries(pairs.filter(([name = '']) => names.includes(name)))
}

it('lets nobody in whose credential is missing or wrong, and the application sees nothing of it', () =>
  guarded(async ({ url, raw, seen, ended }) => {
    const attacker = signingKey('first')
    const [valid, forged, foreign] = await Promise.all([
      signed(signer, claims),
      signed(attacker, claims),
      signed(signer, { iss: 'https://other.example' }),
    ])
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${valid.split('.')[1]}.`
    const confused = `${Buffer.from('{"alg":"HS256","kid":"first"}').toString('base64url')}.${valid.split('.').slice(1).join('.')}`
    const wrong: Record<string, string>[] = [
      {},
      { 'x-api-key': newApiKey('shop') },
      { 'x-api-key': `${key}, ${key}` },
      { 'x-api-key': newApiKey('shop'), authorization: `Bearer ${valid}` },
      { 'x-api-key': key, authorization: `Bearer ${key}` },
      { authorization: `Bearer ${newApiKey('other')}` },
      { authorization: 'Bearer' },
      ...[forged, foreign, none, confused, `${valid}x`].map((token) => ({
        authorization: `Bearer ${token}`,
      })),
      { authorization: basic('alice', 'Secret') },
      { authorization: basic('bob', 'secret') },
      { authorization: 'Basic !' },
      { authorization: `${basic('alice', 'secret')}, Bearer ${valid}` },
      { authorization: 'Digest username="alice"' },
    ]
    for (const headers of wrong) {
      const response = await fetch(url, { headers })
      expect([headers, response.status]).toEqual([headers, 401])
      expect(response.headers.get('www-authenticate')).toContain('Basic realm="Shop", charset="UTF-8"')
      expect(response.headers.get('cache-control')).toBe('no-store')
      expect(response.headers.get('content-type')).toBe('application/problem+json')
      expect(await response.text()).not.toMatch(/secret|hgk_|eyJ/i)
    }
    for (const twice of [`authorization: ${basic('alice', 'secret')}`, `x-api-key: ${key}`]) {
      const lines = `GET / HTTP/1.1\r\nhost: a\r\n${twice}\r\n${twice}\r\nconnection: close\r\n\r\n`
      expect(await raw(lines)).toMatch(/^HTTP\/1\.1 40[01] /)
    }
    // Servers with an interface like CGI would take it for the field of the proxy.
    const underscore = `GET / HTTP/1.1\r\nhost: a\r\nx_api_key: ${key}\r\nconnection: close\r\n\r\n`
    expect(await raw(underscore)).toMatch(/^HTTP\/1\.1 40[01] /)
    expect(await fetch(`${url}/admin`, { headers: { 'x-api-key': key } })).toMatchObject({ status: 403 })
    expect(seen).toEqual([])
    await vi.waitFor(() => expect(ended.at(-1)).toMatchObject({ outcome: 'forbidden' }))
    expect(ended.filter(({ outcome }) => outcome === 'unauthenticated').length).toBeGreaterThanOrEqual(
      wrong.length,
    )
  }))

it('tells the application who it is, and keeps credentials of the proxy to itself', () =>
  guarded(async (proxy) => {
    const { url } = proxy
    const token = await signed(signer, { ...claims, scope: 'a b' })
    const forged = { 'x-auth-principal': 'apikey:admin', 'x-auth-scopes': 'admin', 'X-Auth_Principal': 'x' }
    const ask = async (path: string, headers: Record<string, string>): Promise<unknown> => {
      expect((await fetch(url + path, { headers: { ...forged, ...headers } })).status).toBe(200)
      return told(proxy)
    }
    const asShop = { 'x-auth-principal': 'apikey:shop', 'x-auth-scopes': 'read' }
    expect(await ask('/', { 'x-api-key': key })).toEqual(asShop)
    expect(await ask('/', { authorization: `bearer  ${key}` })).toEqual(asShop)
    expect(await ask('/', { 'x-api-key': key, authorization: `Bearer ${token}` })).toEqual(asShop)
    expect(await ask('/admin', { authorization: basic('alice', 'secret') })).toEqual({
      'x-auth-principal': 'basic:alice',
      'x-auth-scopes': 'admin',
    })
    expect(await ask('/', { authorization: `Bearer ${token}` })).toEqual({
      'x-auth-principal': 'jwt:alice',
      'x-auth-scopes': 'a b',
      authorization: `Bearer ${token}`,
    })
    expect(await ask('/public', { authorization: basic('any', 'body') })).toEqual({
      authorization: basic('any', 'body'),
    })
  }))

it('lets nobody in by another configuration whom it does not know', () =>
  guarded(async ({ url, reload, seen }, issuer) => {
    const token = await signed(signer, claims)
    const all = [
      { 'x-api-key': key },
      { authorization: `Bearer ${token}` },
      { authorization: basic('alice', 'secret') },
    ]
    for (const headers of all) expect((await fetch(url, { headers })).status).toBe(200)
    const next = configuration(issuer.url)
      .replace(digest, 'ab'.repeat(32))
      .replace('https://login.example', 'https://elsewhere.example')
      .replace(hashed('secret'), hashed('another'))
    reload(next)
    for (const headers of all) expect((await fetch(url, { headers })).status).toBe(401)
    expect(seen).toHaveLength(3)
  }))

it('lets nobody in by a token while its keys cannot be fetched, and others all the same', () =>
  guarded(async ({ url, seen }, issuer) => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    issuer.answer = sends('', 503)
    const headers = { authorization: `Bearer ${await signed(signer, claims)}` }
    const response = await fetch(url, { headers })
    expect([response.status, await response.json()]).toEqual([
      401,
      expect.objectContaining({ detail: 'the token cannot be verified at present' }),
    ])
    expect((await fetch(url, { headers: { 'x-api-key': key } })).status).toBe(200)
    expect([seen.length, warn.mock.calls.length]).toEqual([1, 1])
    warn.mockRestore()
    issuer.answer = publishes(signer)
  }))

it('stops guessing at passwords of a user after ten, whatever is guessed then', () =>
  guarded(async ({ url, seen, ended }) => {
    const guess = (password: string): Promise<Response> =>
      fetch(url, { headers: { authorization: basic('alice', password) } })
    for (let i = 0; i < 10; i++) expect((await guess(`guess ${i}`)).status).toBe(401)
    const refused = await guess('secret')
    expect([refused.status, Number(refused.headers.get('retry-after'))]).toEqual([429, expect.any(Number)])
    expect(seen).toEqual([])
    await vi.waitFor(() => expect(ended.at(-1)).toMatchObject({ status: 429, outcome: 'unauthenticated' }))
  }))

it('knows clients by certificates that TLS has verified', async () => {
  const tls = await tlsOf(CERTIFICATES.server, CERTIFICATES.ca)
  // The files of `tls` are not read here: the listener has its certificate already.
  const yaml = (certificates: string): string => `policies: []
tls: { certFile: a, keyFile: b, clientCaFile: c }
proxy: { require: certificate, certificates: ${certificates} }`
  await using proxy = await startProxy(yaml('{ scopes: [internal] }'), { listener: { tls } })
  const ask = (client: object): Promise<number | string> =>
    new Promise((resolve) => {
      const options = {
        ...client,
        port: proxy.port,
        host: '127.0.0.1',
        ca: CERTIFICATES.ca,
        agent: false as const,
      }
      httpsRequest(options, (response) => resolve(response.resume().statusCode ?? 0))
        .on('error', () => resolve('refused'))
        .end()
    })
  expect(await ask(pemOf(CERTIFICATES.client))).toBe(200)
  expect(told(proxy)).toEqual({
    'x-auth-principal': expect.stringMatching(/^certificate:\S+$/),
    'x-auth-scopes': 'internal',
  })
  expect([await ask({}), await ask(pemOf(CERTIFICATES.stranger))]).toEqual(['refused', 'refused'])
  proxy.reload(yaml('{ names: [client.example] }'))
  expect(await ask(pemOf(CERTIFICATES.client))).toBe(200)
  expect(told(proxy)).toEqual({ 'x-auth-principal': 'certificate:client.example' })
  proxy.reload(yaml('{ names: [elsewhere.example] }'))
  expect(await ask(pemOf(CERTIFICATES.client))).toBe(403)
  proxy.reload(yaml(`{ fingerprints: ["${'ab'.repeat(32)}"] }`))
  expect(await ask(pemOf(CERTIFICATES.client))).toBe(403)
  expect(proxy.seen).toHaveLength(2)
})
