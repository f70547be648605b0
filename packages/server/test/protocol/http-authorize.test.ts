/** What a gateway is answered, over real sockets; behind real gateways: test/gateways. */
import { describe, expect, it } from 'vitest'
import { type Asked, type LiveServer, live } from './live-server.ts'

const SECRET = 'a secret of thirty-two bytes, at least'

function file(policies: string, trusted = '127.0.0.0/8'): string {
  return `
trustedProxies: [${trusted}]
jwt: { algorithms: [HS256], secret: "${SECRET}" }
attributes:
  user: [jwt.sub, header.x-user-id, query.user, cookie.user]
policies:
${policies}
deny: { ip: [198.51.100.66], path: [/admin/**] }
`
}

const byIp = '  - { name: api, key: ip, match: { path: /api/**, method: GET }, rules: [1/min] }'
const described = {
  'x-forwarded-for': '203.0.113.7',
  'x-forwarded-method': 'GET',
  'x-forwarded-uri': '/api/orders?page=2',
  'x-forwarded-host': 'shop.example',
}

function authorize(server: LiveServer, headers: object = {}, query = ''): Promise<Asked> {
  return server.ask(`/v1/authorize${query}`, { headers: { ...described, ...headers } })
}

describe('/v1/authorize', () => {
  it('spends for the address behind trusted proxies, and answers with header fields', async () => {
    await using server = await live(file(byIp))
    const first = await authorize(server)
    expect(first).toMatchObject({ status: 200, text: '', headers: { ratelimit: '"api/1m";r=0;t=60' } })
    const second = await authorize(server, { 'x-forwarded-for': '6.6.6.6, 203.0.113.7:443' })
    expect(second).toMatchObject({
      status: 429,
      headers: { 'retry-after': '60', 'content-type': 'application/problem+json' },
      json: { status: 429, detail: 'Too many requests; try again in 60 s', 'violated-policies': ['api/1m'] },
    })
    expect((await authorize(server, { 'x-forwarded-for': '203.0.113.8' })).status).toBe(200)
  })

  it.each(['GET', 'POST', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('takes %s', async (method) => {
    await using server = await live(file(byIp))
    expect((await server.ask('/v1/authorize', { method, headers: described })).status).toBe(200)
    expect((await authorize(server)).status).toBe(429)
  })

  it('reads the names that are common for nginx, and the same request under both', async () => {
    await using server = await live(file(byIp))
    const { 'x-forwarded-method': _m, 'x-forwarded-uri': _u, ...others } = described
    const original = { 'x-original-method': 'get', 'x-original-uri': '/api/orders' }
    expect((await server.ask('/v1/authorize', { headers: { ...others, ...original } })).status).toBe(200)
    const both = { ...original, 'x-original-method': 'GET', 'x-original-uri': '/api/orders?page=2' }
    expect((await authorize(server, both)).status).toBe(429)
  })

  it('answers denials with 403 where that is asked, in the document too, with the wait', async () => {
    await using server = await live(file(byIp))
    await authorize(server)
    expect(await authorize(server, {}, '?deny=403')).toMatchObject({
      status: 403,
      headers: { 'retry-after': '60', 'content-type': 'application/problem+json' },
      json: { status: 403, detail: 'Too many requests; try again in 60 s' },
    })
    for (const query of ['?page=2', '?', '?DENY=403', '?deny[]=403']) {
      expect((await authorize(server, {}, query)).status).toBe(429)
    }
  })

  it("lets what a gateway's client appends to the query change nothing of `deny=403`", async () => {
    await using server = await live(file(byIp))
    const appended = ['', '&deny=429', '&deny=', '&deny=403', '&deny=200&deny=404', '&page=2']
    for (const [i, more] of appended.entries()) {
      const query = `?deny=403${more}`
      const headers = { 'x-forwarded-for': `203.0.113.${i}` }
      expect((await authorize(server, headers, query)).status).toBe(200)
      expect((await authorize(server, headers, query)).status).toBe(403)
    }
  })

  it.each(['?deny=404', '?deny=', '?deny', '?deny=429&deny=200', '?deny=0403'])(
    'refuses %s, and spends nothing',
    async (query) => {
      await using server = await live(file(byIp))
      expect(await authorize(server, {}, query)).toMatchObject({
        status: 400,
        json: { path: 'deny', detail: expect.stringContaining('deny is 403 or left out') },
      })
      expect((await authorize(server)).status).toBe(200)
    },
  )

  it('answers nobody but a trusted gateway, which is nobody by default', async () => {
    for (const text of [file(byIp, '10.0.0.0/8'), `policies:\n${byIp}\n`]) {
      await using server = await live(text)
      const answer = await authorize(server)
      expect(answer).toMatchObject({
        status: 403,
        json: { detail: expect.stringContaining('add its address to trustedProxies') },
      })
    }
  })

  it('is denied by the lists, in every spelling', async () => {
    await using server = await live(file(byIp))
    const ips = ['198.51.100.66', ' 198.51.100.66:80', '::ffff:198.51.100.66', '[::ffff:c633:6442]:1']
    for (const ip of ips) expect((await authorize(server, { 'x-forwarded-for': ip })).status).toBe(429)
    const paths = ['/admin', '//admin/x', '/%61dmin/', '/x/../admin', '/admin;v=1/x', '/./ADMIN/../admin']
    for (const uri of paths) expect((await authorize(server, { 'x-forwarded-uri': uri })).status).toBe(429)
  })

  it('has one budget for a path, raw bytes included', async () => {
    await using server = await live(file('  - { name: api, key: path, rules: [1/min] }'))
    const spellings = ['/caf%C3%A9', '/caf%c3%a9/', '//caf%C3%A9?x', Buffer.from('/café').toString('latin1')]
    const answers = []
    for (const uri of spellings) answers.push((await authorize(server, { 'x-forwarded-uri': uri })).status)
    expect(answers).toEqual([200, 429, 429, 429])
  })

  it.each<[object, string]>([
    [{ 'x-forwarded-uri': '/a%2Fb' }, 'servers read in different ways'],
    [{ 'x-forwarded-uri': '/x/..;/admin' }, 'servers read in different ways'],
    [{ 'x-forwarded-uri': '/%c0%ae%c0%ae/admin' }, 'servers read in different ways'],
    [{ 'x-forwarded-uri': 'http://other/admin' }, 'begins with a slash'],
    [{ 'x-forwarded-uri': '*' }, 'begins with a slash'],
    [{ 'x-forwarded-uri': '' }, 'the gateway sent no x-forwarded-uri'],
    [{ 'x-forwarded-uri': ['/a', '/a'] }, 'x-forwarded-uri is there twice'],
    [{ 'x-original-uri': '/harmless' }, 'x-forwarded-uri is there twice'],
    [{ 'x-original-method': 'HEAD' }, 'x-forwarded-method is there twice'],
    [{ 'x-forwarded-method': 'G T' }, 'has to be a method'],
    [{ 'x-forwarded-method': undefined }, 'the gateway sent no x-forwarded-method'],
    [{ 'x-forwarded-for': undefined }, 'the gateway sent no x-forwarded-for'],
    [{ 'x-forwarded-for': '' }, 'x-forwarded-for has what is no address'],
    [{ 'x-forwarded-for': 'abc' }, 'x-forwarded-for has what is no address'],
    [{ 'x-forwarded-for': '"1.2.3.4"' }, 'x-forwarded-for has what is no address'],
    [{ 'x-forwarded-for': '1.2.3.4, unknown' }, 'x-forwarded-for has what is no address'],
    [{ 'x-forwarded-for': ['1.2.3.4', 'unknown'] }, 'x-forwarded-for has what is no address'],
    [{ 'x-forwarded-for': '007.1.1.1' }, 'x-forwarded-for has what is no address'],
    [{ 'x-forwarded-for': '6.6.6.6,' }, 'x-forwarded-for has what is no address'],
    [{ 'x-forwarded-for': '6.6.6.6, ,127.0.0.1' }, 'x-forwarded-for has what is no address'],
    [{ 'x-forwarded-host': 'a/b' }, 'has to be the name of a host'],
    [{ 'x-forwarded-host': ['a', 'b'] }, 'x-forwarded-host is there twice'],
    [{ 'x-user-id': ['alice', 'mallory'] }, 'x-user-id is there 2 times'],
  ])('refuses %j', async (headers, detail) => {
    await using server = await live(file(byIp))
    const given = Object.fromEntries(
      Object.entries({ ...described, ...headers }).filter(([, value]) => value !== undefined),
    )
    const answer = await server.ask('/v1/authorize', { headers: given })
    expect(answer).toMatchObject({ status: 400, json: { detail: expect.stringContaining(detail) } })
    const asked403 = await server.ask('/v1/authorize?deny=403', { headers: given })
    expect(asked403).toMatchObject({ status: 403, json: { status: 403, title: 'Forbidden' } })
  })

  it('takes no item that is no address for the gateway itself, which may be allowed everything', async () => {
    await using server = await live(`${file(byIp)}allow: { ip: [127.0.0.0/8] }\n`)
    expect((await authorize(server, { 'x-forwarded-for': 'unknown' })).status).toBe(400)
    expect((await authorize(server, { 'x-forwarded-for': 'unknown, 203.0.113.7' })).status).toBe(200)
    expect((await authorize(server)).status).toBe(429)
  })

  it('matches the host without port, in any case', async () => {
    await using server = await live(
      file('  - { name: api, key: global, match: { host: shop.example }, rules: [1/min] }'),
    )
    await authorize(server, { 'x-forwarded-host': 'SHOP.example:8443' })
    expect((await authorize(server, { 'x-forwarded-host': 'shop.example.' })).status).toBe(429)
    expect((await authorize(server, { 'x-forwarded-host': 'blog.example' })).status).toBe(200)
  })

  const byUser = '  - { name: api, key: user, missing: refuse, rules: [1/min] }'
  it.each<[string, object]>([
    ['the header field of the gateway', { 'x-user-id': 'alice' }],
    ['the query of the original request', { 'x-forwarded-uri': '/?user=%61lice' }],
    ['a cookie', { cookie: 'a=b; user=alice; c=d' }],
  ])('knows who it is by %s', async (_, headers) => {
    await using server = await live(file(byUser))
    expect((await authorize(server, headers)).status).toBe(200)
    expect((await authorize(server, { 'x-user-id': 'alice' })).status).toBe(429)
  })

  it.each([{ 'x-forwarded-uri': '/?user=alice&user=bob' }, { cookie: 'user=alice; user=bob' }, {}])(
    'does not know who it is by %j, and refuses where a policy has to',
    async (headers) => {
      await using server = await live(file(byUser))
      expect(await authorize(server, headers)).toMatchObject({ status: 400, json: { code: 'invalid-key' } })
      expect((await authorize(server, headers, '?deny=403')).status).toBe(403)
    },
  )

  it('answers 401 to a token that is not valid, as nginx passes on too', async () => {
    await using server = await live(file(byUser))
    const answer = await authorize(server, { authorization: 'Bearer x' }, '?deny=403')
    expect(answer).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
      json: { code: 'unauthenticated' },
    })
  })

  it("answers with the policy's own response and fields", async () => {
    const own = `
    headers: { X-Plan: free }
    response: { status: 503, body: <p>later</p>, headers: { Content-Type: text/html } }`
    await using server = await live(file(`  - name: api\n    key: ip\n    rules: [1/min]${own}`))
    expect(await authorize(server)).toMatchObject({ status: 200, headers: { 'x-plan': 'free' } })
    expect(await authorize(server)).toMatchObject({
      status: 503,
      text: '<p>later</p>',
      headers: { 'x-plan': 'free', 'content-type': 'text/html', 'retry-after': '60' },
    })
    expect((await authorize(server, {}, '?deny=403')).status).toBe(403)
  })

  it.each([
    ['text', 'text/plain; charset=utf-8', 'Too many requests; try again in 60 s\n'],
    ['json', 'application/json; charset=utf-8', expect.stringContaining('"error":{"code":"limited"')],
  ])('answers denials as %s by option', async (denial, type, text) => {
    await using server = await live(`http: { denial: ${denial} }\n${file(byIp)}`)
    await authorize(server)
    expect(await authorize(server)).toMatchObject({ headers: { 'content-type': type }, text })
  })
})
