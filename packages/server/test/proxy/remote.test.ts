/** A proxy that asks another service about requests. */
import { hash } from 'node:crypto'
import { memoryStore } from 'headgate'
import { manualClock } from 'headgate/testing'
import { describe, expect, it } from 'vitest'
import { parseConfig } from '../../src/config/config.ts'
import { createService } from '../../src/service/create-service.ts'
import type { Service } from '../../src/service/service.ts'
import { createHttpTransport } from '../../src/transports/http/http-transport.ts'
import { type ProxyUnderTest, startProxy } from './proxy-under-test.ts'

interface OtherService extends AsyncDisposable {
  readonly url: string
  readonly service: Service
}

/** A service that answers over HTTP. */
async function otherService(yaml: string): Promise<OtherService> {
  const store = memoryStore({ clock: manualClock() })
  const service = createService({
    configuration: parseConfig(yaml, 'headgate.yaml'),
    store: { store, label: 'memory', resilience: {}, ping: async () => {} },
  })
  const transport = createHttpTransport(service, {
    address: { host: '127.0.0.1', port: 0 },
    flag: '--port',
    maxConnections: 100,
    maxConnectionsPerPeer: 100,
    tls: null,
  })
  const url = await transport.listen()
  return {
    url,
    service,
    [Symbol.asyncDispose]: async () => {
      await transport.close()
      await service.close()
    },
  }
}

const KEY = `hgk_shop_${'s'.repeat(43)}`
const keys = `apiKeys: { keys: [{ id: shop, hash: "sha256:${hash('sha256', KEY)}" }] }`
const proxyOf = (remote: string, policies = '[]'): string =>
  `policies: ${policies}\nproxy:\n  ${keys}\n  service: ${remote}\n  routes: [{ path: /api, require: apiKey }]`

async function statusOf({ url }: ProxyUnderTest, path: string, key = KEY): Promise<number> {
  return (await fetch(url + path, { headers: { 'x-api-key': key } })).status
}

describe('a proxy that asks a service', () => {
  it('sends it all attributes of a request, and denies what it denies', async () => {
    await using other = await otherService(
      'policies: [{ name: customers, match: { path: /api }, key: principal, rules: [2/min] }]',
    )
    await using proxy = await startProxy(proxyOf(`{ url: "${other.url}" }`))
    expect(await statusOf(proxy, '/api')).toBe(200)
    expect(await statusOf(proxy, '/api')).toBe(200)
    const denied = await fetch(`${proxy.url}/api`, { headers: { 'x-api-key': KEY } })
    expect(denied.status).toBe(429)
    expect(Number(denied.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(denied.headers.get('ratelimit')).toMatch(/^"customers\/1m";r=0/)
    expect(await statusOf(proxy, '/elsewhere')).toBe(200)
    expect(proxy.seen.map(({ url }) => url)).toEqual(['/api', '/api', '/elsewhere'])
    expect(proxy.ended[2]).toMatchObject({ outcome: 'rate-limited', policy: 'customers' })
    const usage = await other.service.usage({ principal: 'apikey:shop', path: '/api' })
    expect(JSON.stringify(usage)).toContain('customers')
  })

  it('asks it only about who has authenticated where a route wants that', async () => {
    await using other = await otherService('policies: [{ name: all, key: ip, rules: [1/min] }]')
    await using proxy = await startProxy(proxyOf(`{ url: "${other.url}" }`))
    expect(await statusOf(proxy, '/api', 'hgk_shop_guess')).toBe(401)
    expect(await statusOf(proxy, '/api')).toBe(200)
    expect(proxy.seen).toHaveLength(1)
  })

  it('gives back what its own policies spent before a denial', async () => {
    await using other = await otherService(
      'policies: [{ name: none, match: { path: /no }, key: ip, cost: 2, rules: [1/min] }]',
    )
    await using proxy = await startProxy(
      proxyOf(`{ url: "${other.url}" }`, '[{ name: own, key: ip, rules: [2/min] }]'),
    )
    for (let i = 0; i < 4; i++) expect(await statusOf(proxy, '/no')).toBe(429)
    expect(await statusOf(proxy, '/yes')).toBe(200)
    expect(proxy.ended.slice(0, 4).map(({ policy }) => policy)).toEqual(Array(4).fill('none'))
  })

  it('refuses what the service has a list of, and attributes that cannot be read', async () => {
    await using other = await otherService('deny: [{ path: /no }]\npolicies: []')
    await using proxy = await startProxy(
      `attributes: { tenant: query.tenant }\n${proxyOf(`{ url: "${other.url}" }`)}`,
    )
    const failures: boolean[] = []
    proxy.service.on('failure', ({ failure }) => failures.push(failure.isCallers))
    expect(await statusOf(proxy, '/no')).toBe(403)
    expect(await statusOf(proxy, `/?tenant=${'a'.repeat(1025)}`)).toBe(400)
    expect(proxy.ended).toMatchObject([{ outcome: 'denied' }, { outcome: 'bad-request' }])
    expect(failures).toEqual([true])
    expect(proxy.seen).toEqual([])
  })

  it('asks for an identity where the service needs one', async () => {
    await using other = await otherService(
      'policies: [{ name: users, key: principal, missing: refuse, rules: [1/min] }]',
    )
    await using proxy = await startProxy(proxyOf(`{ url: "${other.url}" }`))
    expect(await statusOf(proxy, '/elsewhere')).toBe(401)
    expect(proxy.seen).toEqual([])
  })

  it.each([
    ['closed', 503, 0],
    ['open', 200, 1],
  ] as const)('is %s while it does not answer', async (onError, status, seen) => {
    const gone = await otherService('policies: []')
    await gone[Symbol.asyncDispose]()
    await using proxy = await startProxy(proxyOf(`{ url: "${gone.url}", onError: ${onError} }`))
    expect(await statusOf(proxy, '/')).toBe(status)
    expect(proxy.seen).toHaveLength(seen)
    expect(proxy.ended).toMatchObject([{ outcome: seen === 0 ? 'store-unavailable' : 'ok' }])
  })

  it('lets nobody pass where its token is none', async () => {
    const token = `hgt_proxy_${'t'.repeat(43)}`
    await using other = await otherService(
      `tokens: [{ name: proxy, hash: "sha256:${hash('sha256', token)}", scopes: [consume] }]\npolicies: []`,
    )
    await using proxy = await startProxy(proxyOf(`{ url: "${other.url}", token: wrong }`))
    const told: string[] = []
    proxy.service.on('failure', ({ failure }) => told.push(`${failure.isCallers} ${failure.error.message}`))
    expect(await statusOf(proxy, '/')).toBe(503)
    expect(proxy.seen).toEqual([])
    expect(told).toEqual([expect.stringMatching(/^false .*the token that was sent is not of the form/)])
    proxy.reload(proxyOf(`{ url: "${other.url}", token: ${token} }`))
    expect(await statusOf(proxy, '/')).toBe(200)
  })
})
