import { once } from 'node:events'
import { get } from 'node:https'
import { describe, expect, it } from 'vitest'
import { CERTIFICATES, tlsOf } from '../protocol/secure-listener.ts'
import { adminOf, DASHBOARD } from './admin-server.ts'
import { described } from './described.ts'

const FILE = `
policies:
  - { name: users, key: user, rules: [2/min, 10/hour] }
`
const TOKENS = `
tokens:
  - { name: all, hash: 'TOKEN(all)', scopes: [read] }
`
const CONFINED = `
policies:
  - { name: users, key: user, rules: [2/min] }
  - { name: shop, match: { domain: shop }, key: user, rules: [1/min] }
${TOKENS.trim()}
  - { name: shop, hash: 'TOKEN(shop)', scopes: [read], domains: [shop] }
`
const [[NAME, ASSET]] = [...DASHBOARD.assets] as [[string, { type: string; bytes: Buffer }]]

const NO_FILES = [
  '/assets/',
  '/assets/index.html',
  '/assets/../package.json',
  '/assets/..%2f..%2fpackage.json',
  '/assets/%2e%2e%2fpackage.json',
  '/assets/..%5cpackage.json',
  `/assets/./${NAME}`,
  `/assets/${NAME}/`,
  `/assets/${NAME}%00`,
  '/assets/__proto__',
  '/assets/constructor',
  '/index.html',
]

describe('the dashboard', () => {
  it('is a page and the files that it loads, without a token', async () => {
    await using admin = await adminOf(FILE + TOKENS)
    const page = await admin.ask('/')
    expect([page.status, page.text]).toEqual([200, String(DASHBOARD.index)])
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
    expect(page.headers['cache-control']).toBe('no-store')
    const asset = await admin.ask(`/assets/${NAME}`)
    expect([asset.status, asset.text]).toEqual([200, String(ASSET.bytes)])
    expect(asset.headers['content-type']).toBe(ASSET.type)
    expect(asset.headers['cache-control']).toBe('public, max-age=31536000, immutable')
    expect((await admin.ask('/v1/policies')).status).toBe(401)
  })

  it('runs nothing but its own files, and asks nobody else', async () => {
    await using admin = await adminOf(FILE)
    for (const path of ['/', `/assets/${NAME}`]) {
      const { headers } = await admin.ask(path)
      expect(headers['content-security-policy']).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
          "font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      )
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-resource-policy': 'same-origin',
        'cross-origin-opener-policy': 'same-origin',
      })
    }
  })

  it('has no file but its own', async () => {
    await using admin = await adminOf(FILE)
    for (const path of NO_FILES) {
      const { status, headers } = await admin.ask(path)
      expect([path, status, headers['content-type']]).toEqual([
        path,
        404,
        'application/problem+json; charset=utf-8',
      ])
    }
  })
})

const LINK = {
  'sec-fetch-site': 'cross-site',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
  referer: 'https://chat.example/',
}

describe('a browser', () => {
  it('gets the page by a link of another site, and loads its files', async () => {
    await using admin = await adminOf(FILE + TOKENS)
    expect((await admin.ask('/', { headers: LINK })).status).toBe(200)
    expect((await admin.ask('/?key=alice', { headers: LINK })).status).toBe(200)
    const script = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'script' }
    expect((await admin.ask(`/assets/${NAME}`, { headers: script })).status).toBe(200)
  })

  it('gets nothing by a link of another site but the page itself', async () => {
    await using admin = await adminOf(FILE)
    const refused: readonly [string, string, Record<string, string>][] = [
      ['anything else', '/v1/policies', LINK],
      ['the page of the API', '/docs', LINK],
      ['a file', `/assets/${NAME}`, LINK],
      ['a path that only begins so', '//', LINK],
      ['a frame', '/', { ...LINK, 'sec-fetch-dest': 'iframe' }],
      ['a script', '/', { ...LINK, 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'script' }],
      ['a form', '/', { ...LINK, origin: 'https://chat.example' }],
      ['a name that leads here', '/', { ...LINK, host: 'evil.example:9090' }],
      ['a name that leads here, typed in', '/', { 'sec-fetch-site': 'none', host: 'evil.example:9090' }],
    ]
    for (const [what, path, headers] of refused) {
      expect((await admin.ask(path, { headers })).status, what).toBe(403)
    }
  })

  it('gets the page at names that the file gives, at localhost and at addresses', async () => {
    await using admin = await adminOf(`admin: { hosts: [limits.internal] }${FILE}`)
    for (const host of ['limits.internal', 'LOCALHOST:9090', '127.0.0.1', '[::1]:9090']) {
      expect((await admin.ask('/', { headers: { host } })).status).toBe(200)
    }
  })
})

describe('over TLS', () => {
  it('is the same page, and may ask by its own origin', async () => {
    await using admin = await adminOf(FILE, { tls: await tlsOf(CERTIFICATES.server) })
    const statusOf = async (path: string, headers = {}): Promise<number> => {
      const [response] = await once(
        get(admin.url + path, { ca: CERTIFICATES.ca, headers, agent: false }),
        'response',
      )
      response.resume()
      return response.statusCode
    }
    expect(await statusOf('/', LINK)).toBe(200)
    const asPage = { origin: admin.url, 'sec-fetch-site': 'same-origin' }
    expect(await statusOf('/v1/policies', asPage)).toBe(200)
  })
})

describe('without a dashboard', () => {
  it('a page says how it is built', async () => {
    await using admin = await adminOf(FILE, { dashboard: null })
    const { status, text, headers } = await admin.ask('/')
    expect([status, headers['content-type']]).toEqual([404, 'text/html; charset=utf-8'])
    expect(text).toContain('npm run build -w packages/dashboard')
    expect((await admin.ask(`/assets/${NAME}`)).status).toBe(404)
  })
})

describe('GET /v1/policies of the admin listener', () => {
  it('says with each policy that a token sees what it admits at worst', async () => {
    await using admin = await adminOf(FILE)
    const answer = await admin.ask('/v1/policies')
    expect(answer.json.policies).toMatchObject([
      {
        name: 'users',
        worstCase: [expect.stringMatching(/^users\/1m: /), expect.stringMatching(/^users\/1h: /)],
      },
    ])
    expect(await described(admin, '/v1/policies', answer)).toBeUndefined()
    const confined = await adminOf(CONFINED)
    await using _ = confined
    const { json } = await confined.ask('/v1/policies', { as: 'shop' })
    expect(json.policies).toMatchObject([{ name: 'shop', worstCase: [expect.stringMatching(/^shop/)] }])
    expect(JSON.stringify(json)).not.toContain('users')
  })
})

describe('GET /v1/stats/history and /v1/configuration/history', () => {
  it('answer as they are described', async () => {
    await using admin = await adminOf(FILE)
    for (let i = 0; i < 3; i++) await admin.at.consume({ user: 'alice' })
    admin.at.second()
    await admin.ask('/v1/stats')
    const stats = await admin.ask('/v1/stats/history')
    const at = expect.any(Number)
    expect(stats.json).toEqual({
      everyMs: 1000,
      samples: [{ at, allowed: 2, denied: 1, shadowDenied: 0 }],
    })
    expect(await described(admin, '/v1/stats/history', stats)).toBeUndefined()
    admin.service.reject({ file: null, path: 'policies', line: 2, column: 1, message: 'no', more: 0 })
    const changes = await admin.ask('/v1/configuration/history')
    expect(changes.json.changes).toMatchObject([
      { outcome: 'rejected', path: 'policies' },
      { outcome: 'in-force' },
    ])
    expect(await described(admin, '/v1/configuration/history', changes)).toBeUndefined()
  })

  it('are for tokens of all', async () => {
    await using admin = await adminOf(CONFINED)
    const as = 'shop'
    expect((await admin.ask('/v1/stats/history', { as })).json).toEqual({ everyMs: 1000, samples: null })
    expect((await admin.ask('/v1/configuration/history', { as })).status).toBe(403)
    expect((await admin.ask('/v1/configuration/history', { as: 'all' })).status).toBe(200)
    expect((await admin.ask('/v1/configuration/history')).status).toBe(401)
  })
})

describe('GET /v1/denials?key=', () => {
  it('lists the denials of one key, as the token may see its keys', async () => {
    await using admin = await adminOf(CONFINED)
    for (const user of ['alice', 'bob']) {
      for (let i = 0; i < 2; i++) await admin.at.consume({ user, domain: 'shop' })
      for (let i = 0; i < 2; i++) await admin.at.consume({ user })
    }
    const ask = async (query: string, as = 'all') =>
      (await admin.ask(`/v1/denials?${query}`, { as })).json.denials
    expect(await ask('key=carol')).toEqual([])
    const all = await ask('key=alice')
    expect(all).toHaveLength(2)
    for (const { keys } of all) expect(keys).toContainEqual(expect.objectContaining({ key: 'alice' }))
    const ofShop = await ask('key=alice', 'shop')
    expect(ofShop).toHaveLength(1)
    expect(ofShop[0].keys).toEqual([{ policy: 'shop', key: 'alice' }])
    expect(await ask('key=alice&policy=shop')).toHaveLength(1)
    expect(await ask('key=alice&limit=1')).toHaveLength(1)
  })
})
