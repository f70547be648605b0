/** Configurations that come into force while requests are on their way (F-24). */
import { hash } from 'node:crypto'
import { once } from 'node:events'
import { Agent, createServer, get, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { newApiKey } from '../../src/service/identity/api-key-text.ts'
import { startProxy } from './proxy-under-test.ts'

const RELOADS = 20
const AT_ONCE = 50

const key = newApiKey('shop')
const digest = hash('sha256', key, 'hex')

/** Its number is in a field that the application gets, and in one that the client gets. */
const numbered = (number: number, upstream: string): string => `
policies: []
proxy:
  upstream: ${upstream}
  require: apiKey
  apiKeys: { keys: [{ id: shop, hash: "sha256:${digest}" }] }
  identity: { principal: x-version-${number} }
  hardening: { preset: strict, contentSecurityPolicy: "img-src ${number}.example" }`

interface Answered {
  readonly status: number
  /** Number of the configuration by which the application got it, and by which the client did. */
  readonly asked: string | undefined
  readonly told: string | undefined
}

async function ask(url: string, agent?: Agent): Promise<Answered> {
  const options = { headers: { 'x-api-key': key }, ...(agent && { agent }) }
  const [response] = (await once(get(url, options), 'response')) as [IncomingMessage]
  await once(response.resume(), 'end')
  const { statusCode: status = 0, headers } = response
  return {
    status,
    asked: headers['x-saw']?.toString(),
    told: /img-src (\d+)/.exec(String(headers['content-security-policy']))?.[1],
  }
}

describe('a proxy whose configuration changes', () => {
  it('fails no request on its way over 20 changes, good and bad, and treats each by one of them', async () => {
    const held: ServerResponse[] = []
    const hold = ({ rawHeaders }: IncomingMessage, response: ServerResponse): void => {
      const [, number = ''] = /x-version-(\d+)/.exec(rawHeaders.join()) ?? []
      response.setHeader('x-saw', number)
      held.push(response)
    }
    const other = createServer(hold).listen(0, '127.0.0.1')
    await once(other, 'listening')
    const there = `http://127.0.0.1:${(other.address() as AddressInfo).port}`
    await using proxy = await startProxy('{ policies: [], proxy: {} }', { answer: hold })
    const here = `http://127.0.0.1:${(proxy.application.address() as AddressInfo).port}`
    const agent = new Agent({ keepAlive: true })
    const asked: Promise<Answered>[] = []
    for (let i = 0; i < RELOADS; i++) {
      proxy.reload(numbered(i, i % 2 === 0 ? here : there))
      expect(() => proxy.reload('{ policies: [], proxy: { upstream: nowhere } }')).toThrow()
      const before = held.length
      for (let j = 0; j < AT_ONCE; j++) asked.push(ask(proxy.url, agent))
      await expect.poll(() => held.length).toBe(before + AT_ONCE)
      // Some of this change, and some of earlier ones.
      for (const response of held.splice(0, AT_ONCE / 2)) response.end('hello')
    }
    for (const response of held.splice(0)) response.end('hello')
    const answered = await Promise.all(asked)
    expect(answered).toHaveLength(RELOADS * AT_ONCE)
    expect(answered.filter(({ status }) => status !== 200)).toEqual([])
    expect(answered.filter(({ asked, told }) => asked !== told)).toEqual([])
    expect(new Set(answered.map(({ told }) => told)).size).toBe(RELOADS)
    agent.destroy()
    other.closeAllConnections()
    other.close()
  })

  it('keeps the connection to a target that stays', async () => {
    await using proxy = await startProxy('{ policies: [], proxy: {} }')
    let connections = 0
    proxy.application.on('connection', () => connections++)
    for (const maxBody of ['1KiB', '2KiB', '3KiB']) {
      proxy.reload(`{ policies: [], proxy: { maxBody: ${maxBody} } }`)
      expect((await ask(proxy.url)).status).toBe(200)
    }
    expect(connections).toBe(1)
  })

  it('leaves a target that it no longer names, before any request comes', async () => {
    const nobody = createServer().listen(0, '127.0.0.1')
    await once(nobody, 'listening')
    const url = `http://127.0.0.1:${(nobody.address() as AddressInfo).port}`
    await once(nobody.close(), 'close')
    const upstream = `{ targets: ["${url}"], health: { path: /healthz, failures: 1 } }`
    await using proxy = await startProxy(`policies: []\nproxy:\n  upstream: ${upstream}`)
    const told: (readonly [string, boolean])[] = []
    proxy.service.on('target-health', ({ target, isHealthy }) => told.push([target, isHealthy]))
    await expect.poll(() => told).toEqual([[url, false]])
    proxy.reload('{ policies: [], proxy: {} }')
    expect(told).toEqual([
      [url, false],
      [url, true],
    ])
  })

  it('refuses a key that was taken away from then on, also on connections that are open', async () => {
    await using proxy = await startProxy(numbered(1, 'http://127.0.0.1:1'))
    const here = `http://127.0.0.1:${(proxy.application.address() as AddressInfo).port}`
    proxy.reload(numbered(1, here))
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    expect((await ask(proxy.url, agent)).status).toBe(200)
    proxy.reload(numbered(2, here).replace(digest, hash('sha256', newApiKey('shop'), 'hex')))
    expect((await ask(proxy.url, agent)).status).toBe(401)
    expect(proxy.seen).toHaveLength(1)
    agent.destroy()
  })
})
