import { hash } from 'node:crypto'
import { expect, it } from 'vitest'
import { newApiKey } from '../../src/service/identity/api-key-text.ts'
import { type ProxyTestOptions, type ProxyUnderTest, startProxy } from './proxy-under-test.ts'

const proxied = async (
  yaml: string,
  run: (proxy: ProxyUnderTest) => Promise<void>,
  options: ProxyTestOptions = {},
): Promise<void> => {
  await using proxy = await startProxy(yaml, options)
  await run(proxy)
}
const statuses = async (url: string, ...requests: RequestInit[]): Promise<number[]> => {
  const all: number[] = []
  for (const request of requests) all.push((await fetch(url, request)).status)
  return all
}

it('denies by address what is over the limit, before the application sees it', () =>
  proxied('policies: [{ name: ip, key: ip, rules: [2/min] }]\nproxy: {}', async ({ url, seen, ended }) => {
    expect(await statuses(url, {}, {})).toEqual([200, 200])
    const denied = await fetch(url)
    expect(denied.status).toBe(429)
    expect(denied.headers.get('retry-after')).toBe('60')
    expect(denied.headers.get('ratelimit')).toBe('"ip/1m";r=0;t=60')
    expect(denied.headers.get('content-type')).toBe('application/problem+json')
    expect(await denied.json()).toMatchObject({ status: 429, 'violated-policies': ['ip/1m'] })
    expect(seen).toHaveLength(2)
    expect(ended.map(({ outcome, policy }) => [outcome, policy])).toEqual([
      ['ok', null],
      ['ok', null],
      ['rate-limited', 'ip'],
    ])
  }))

it('tells what is left with each response', () =>
  proxied('policies: [{ name: ip, key: ip, rules: [2/min] }]\nproxy: {}', async ({ url }) => {
    const { headers } = await fetch(url)
    expect(headers.get('ratelimit-policy')).toBe('"ip/1m";q=2;w=60')
    expect(headers.get('ratelimit')).toBe('"ip/1m";r=1;t=60')
  }))

it('keeps the policies of a path to all spellings of it that reach the application as that path', () =>
  proxied(
    'policies: [{ name: login, match: { path: /login }, key: ip, rules: [1/min] }]\nproxy: {}',
    async ({ url, seen }) => {
      expect((await fetch(`${url}/login`)).status).toBe(200)
      for (const path of ['/LOGIN', '/login/', '//login', '/%6cogin', '/login;v=1', '/x/%2e%2e/login']) {
        expect((await fetch(url + path)).status).toBe(429)
      }
      expect((await fetch(`${url}/loginx`)).status).toBe(200)
      expect(seen.map((request) => request.url)).toEqual(['/login', '/loginx'])
    },
  ))

it('tells /LOGIN from /login where the application does', () =>
  proxied(
    'policies: [{ name: login, match: { path: /Login }, key: ip, rules: [1/min] }]\nproxy: { paths: { ignoreCase: false } }',
    async ({ url, seen }) => {
      expect(await statuses(`${url}/LOGIN`, {}, {})).toEqual([200, 200])
      expect(await statuses(`${url}/Login`, {}, {})).toEqual([200, 429])
      expect(seen.map((request) => request.url)).toEqual(['/LOGIN', '/LOGIN', '/Login'])
    },
  ))

it('knows hosts however the file spells them', () =>
  proxied(
    'policies: [{ name: shop, match: { host: LocalHost }, key: ip, rules: [1/min] }]\nproxy: {}',
    async ({ port }) => {
      expect(await statuses(`http://localhost:${port}`, {}, {})).toEqual([200, 429])
    },
  ))

it('gives back what a status does not cost as soon as it is known, whatever the body takes', () =>
  proxied(
    'policies: [{ name: guesses, key: ip, count: { status: [401] }, rules: [2/min] }]\nproxy: {}',
    async ({ url, application }) => {
      const streams = []
      for (let i = 0; i < 5; i++) streams.push(await fetch(url))
      expect(streams.map(({ status }) => status)).toEqual(Array(5).fill(200))
      application.closeAllConnections()
      await Promise.allSettled(streams.map((stream) => stream.text()))
    },
    { answer: (_, response) => void response.write('endless') },
  ))

it('answers preflights by what is allowed, and the application hears of none', () =>
  proxied(
    'policies: []\nproxy: { cors: { origins: ["https://app.example"], methods: [PUT], headers: [x-own], maxAge: 1m } }',
    async ({ url, seen }) => {
      const { status, headers } = await fetch(url, {
        method: 'OPTIONS',
        headers: { origin: 'https://app.example', 'access-control-request-method': 'PUT' },
      })
      const told = ['origin', 'methods', 'headers'].map((name) => headers.get(`access-control-allow-${name}`))
      expect([status, ...told]).toEqual([204, 'https://app.example', 'PUT', 'x-own'])
      expect(headers.get('access-control-max-age')).toBe('60')
      expect(seen).toEqual([])
    },
  ))

it('has one budget for what is known of a request, such as a field of a trusted proxy', () =>
  proxied(
    `trustedProxies: [127.0.0.0/8]
attributes: { tenant: header.x-tenant }
policies: [{ name: tenant, key: tenant, missing: skip, rules: [1/min] }]
proxy: {}`,
    async ({ url }) => {
      const of = (tenant: string) => ({ headers: { 'x-tenant': tenant } })
      expect(await statuses(url, of('a'), of('a'), of('b'), {}, {})).toEqual([200, 429, 200, 200, 200])
    },
  ))

it('I-15 sees a cookie in whichever of several lines it is', () =>
  proxied(
    `attributes: { tenant: cookie.tenant }
policies: [{ name: tenant, key: tenant, missing: skip, rules: [1/min] }]
proxy: {}`,
    async ({ raw, seen }) => {
      const request =
        'GET / HTTP/1.1\r\nHost: a\r\nCookie: a=1\r\nCookie: tenant=b\r\nConnection: close\r\n\r\n'
      expect(await raw(request)).toMatch(/^HTTP\/1\.1 200 /)
      expect(await raw(request)).toMatch(/^HTTP\/1\.1 429 /)
      expect(seen).toHaveLength(1)
    },
  ))

const keyed = (...keys: string[]) => `policies:
  - { name: ip, key: ip, rules: [3/min] }
  - { name: principal, key: principal, rules: [1/min] }
proxy:
  require: apiKey
  apiKeys:
    keys: [${keys.map((key) => `{ id: ${key.split('_')[1]}, hash: "sha256:${hash('sha256', key)}" }`).join(', ')}]`

it('counts by principal behind authentication, and a denial there gives back what was spent before', async () => {
  const [one, two] = [newApiKey('one'), newApiKey('two')]
  const yaml = keyed(one, two)
  await proxied(yaml, async ({ url, seen, ended }) => {
    const by = (key: string) => ({ headers: { 'x-api-key': key } })
    // The denials of "one" spend nothing of the address: "two" still passes.
    expect(await statuses(url, by(one), by(one), by(one), by(one))).toEqual([200, 429, 429, 429])
    expect((await fetch(url, by(two))).status).toBe(200)
    expect(seen).toHaveLength(2)
    expect(ended.map(({ principal }) => principal)).toContain('apikey:two')
    // Nobody: asked for a credential, and counted by address.
    expect(await statuses(url, {}, {})).toEqual([401, 429])
  })
})

it('asks a policy that refuses requests without identity for one', () =>
  proxied(
    'policies: [{ name: user, key: user, missing: refuse, rules: [9/min] }]\nproxy: {}',
    async ({ url, seen }) => {
      const { status, headers } = await fetch(url)
      expect([status, headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
      expect(seen).toHaveLength(0)
    },
  ))

it('answers 403 to those on the list deny, and asks no policy about those on the list allow', () =>
  proxied(
    `deny: [{ path: /admin/** }]
allow: { path: /health }
policies: [{ name: ip, key: ip, rules: [1/min] }]
proxy: {}`,
    async ({ url, seen, ended }) => {
      expect((await fetch(`${url}/admin/x`)).status).toBe(403)
      expect(await statuses(`${url}/health`, {}, {}, {})).toEqual([200, 200, 200])
      expect(await statuses(url, {}, {})).toEqual([200, 429])
      expect(seen).toHaveLength(4)
      expect(ended[0]?.outcome).toBe('denied')
    },
  ))

const STATUS = {
  answer: (request: { url?: string }, response: { writeHead(status: number): { end(): void } }) =>
    response.writeHead(Number(request.url?.slice(1))).end(),
}

it('counts only what `count` names, also where the proxy itself answers so', () =>
  proxied(
    'policies: [{ name: guesses, key: ip, count: { status: [401, 5xx] }, rules: [2/min] }]\nproxy: {}',
    async ({ url, ended }) => {
      expect(await statuses(`${url}/200`, {}, {}, {}, {})).toEqual([200, 200, 200, 200])
      await expect.poll(() => ended.length).toBe(4)
      expect(await statuses(`${url}/401`, {})).toEqual([401])
      await expect.poll(() => ended.length).toBe(5)
      expect(await statuses(`${url}/503`, {})).toEqual([503])
      await expect.poll(() => ended.length).toBe(6)
      expect(await statuses(`${url}/200`, {})).toEqual([429])
    },
    STATUS as ProxyTestOptions,
  ))

it('settles the cost by a field of the response', () =>
  proxied(
    'policies: [{ name: tokens, key: ip, cost: response.header.x-tokens, rules: [10/min] }]\nproxy: {}',
    async ({ url, ended }) => {
      const left = async (tokens: string) => {
        const before = ended.length
        const { headers, status } = await fetch(`${url}/${tokens}`)
        await expect.poll(() => ended.length).toBe(before + 1)
        return [status, headers.get('ratelimit')]
      }
      expect(await left('4')).toEqual([200, '"tokens/1m";r=9;t=60'])
      expect(await left('0')).toEqual([200, '"tokens/1m";r=5;t=60'])
      expect(await left('none')).toEqual([200, '"tokens/1m";r=5;t=60'])
      expect(await left('9')).toEqual([200, '"tokens/1m";r=4;t=60'])
      expect(await left('1')).toEqual([429, '"tokens/1m";r=0;t=60'])
    },
    {
      answer: (request, response) => {
        const [, tokens = ''] = request.url?.split('/') ?? []
        if (tokens !== 'none') response.setHeader('x-tokens', tokens)
        response.end()
      },
    },
  ))

it('only counts in shadow', () =>
  proxied(
    'policies: [{ name: ip, key: ip, mode: shadow, rules: [1/min] }]\nproxy: {}',
    async ({ url, service }) => {
      const shadows: boolean[] = []
      service.on('decision', ({ decision }) => shadows.push(...decision.shadow.map(({ allowed }) => allowed)))
      expect(await statuses(url, {}, {})).toEqual([200, 200])
      expect(shadows).toEqual([true, false])
    },
  ))

it('answers denials as http.denial and http.headers say', () =>
  proxied(
    'http: { denial: text, headers: legacy }\npolicies: [{ name: ip, key: ip, rules: [0/min] }]\nproxy: {}',
    async ({ url }) => {
      const response = await fetch(url)
      expect(await response.text()).toBe('Too many requests\n')
      expect(response.headers.get('x-ratelimit-limit')).toBe('0')
    },
  ))

it('says of limits what the application says too in one way only', () =>
  proxied(
    'http: { headers: both }\npolicies: [{ name: ip, key: ip, rules: [9/min] }]\nproxy: {}',
    async ({ url }) => {
      const { headers } = await fetch(url)
      expect(headers.get('x-ratelimit-limit')).toBe('9')
      // A list, of which every line counts.
      expect(headers.get('ratelimit')).toBe('"app";r=1, "ip/1m";r=8;t=60')
      expect(headers.get('x-request-id')).not.toContain('mine')
    },
    {
      answer: (_, response) => {
        const fields = { 'x-ratelimit-limit': '5', ratelimit: '"app";r=1', 'x-request-id': 'mine' }
        response.writeHead(200, fields).end()
      },
    },
  ))

it('explains, resets and shows budgets whatever gate they are asked at', () =>
  proxied(
    'policies: [{ name: ip, key: ip, rules: [1/min] }, { name: user, key: user, rules: [1/min] }]\nproxy: {}',
    async ({ url, service }) => {
      expect(await statuses(url, {}, {})).toEqual([200, 429])
      const who = { ip: '127.0.0.1', path: '/', method: 'GET', host: '127.0.0.1' }
      const { policies, decision } = await service.explain(who, {})
      expect(decision.allowed).toBe(false)
      expect(policies.map(({ conditions }) => conditions)).toEqual([[], []])
      await service.reset(who, { transport: 'admin', policy: 'ip' })
      expect((await service.explain(who, {})).decision.policy).toBe('user')
    },
  ))
