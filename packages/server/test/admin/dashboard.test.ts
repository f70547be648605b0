import { describe, expect, it } from 'vitest'
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
const [[NAME, ASSET]] = [...DASHBOARD.assets] as [[string, { type: string; bytes: Buffer }]]

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

  it.each([
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
  ])('has no file at %s', async (path) => {
    await using admin = await adminOf(FILE)
    const { status, headers } = await admin.ask(path)
    expect([status, headers['content-type']]).toEqual([404, 'application/problem+json; charset=utf-8'])
  })
})

describe('GET /v1/policies of the admin listener', () => {
  it('says with each policy what it admits at worst', async () => {
    await using admin = await adminOf(FILE)
    const answer = await admin.ask('/v1/policies')
    expect(answer.json.policies).toMatchObject([
      {
        name: 'users',
        worstCase: [expect.stringMatching(/^users\/1m: /), expect.stringMatching(/^users\/1h: /)],
      },
    ])
    expect(await described(admin, '/v1/policies', answer)).toBeUndefined()
  })
})
