/** Proxies as processes that share one Redis. */
import { once } from 'node:events'
import { Agent, createServer, get, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { RedisServer } from '../../../limiter/test/redis-server.ts'
import { ConfigFolder } from './config-folder.ts'
import { HeadgateProcess } from './headgate-process.ts'

/** Far above what it takes, on a busy machine too. */
const WITHIN = { timeout: 30_000, interval: 20 }
const LIMIT = 100
const PROXIES = 3

let redis: RedisServer
let application: Server
let upstream: string
/** Paths of what has reached the application. */
const seen: string[] = []

beforeAll(async () => {
  redis = await RedisServer.start()
  application = createServer(({ url = '' }, response) => {
    seen.push(url)
    response.end('hello')
  })
  application.listen(0, '127.0.0.1')
  await once(application, 'listening')
  upstream = `http://127.0.0.1:${(application.address() as AddressInfo).port}`
})

beforeEach(() => {
  seen.length = 0
})

afterAll(async () => {
  await redis.stop()
  application.closeAllConnections()
  application.close()
})

/** Starts it, and waits until it has its connection to Redis. */
async function start(file: string): Promise<HeadgateProcess> {
  const headgate = await HeadgateProcess.proxy(['--config', file, '--admin-port', '0'])
  await ready(headgate)
  return headgate
}

async function ready({ adminUrl }: HeadgateProcess): Promise<void> {
  await expect.poll(async () => (await fetch(`${adminUrl}/readyz`)).status, WITHIN).toBe(200)
}

async function statusOf(url: string, agent?: Agent): Promise<number> {
  const [response] = (await once(get(url, { ...(agent && { agent }) }), 'response')) as [IncomingMessage]
  response.resume()
  await once(response, 'end')
  return response.statusCode ?? 0
}

describe('three proxies on one Redis', () => {
  it('enforce one limit exactly, with a file of three lines', async () => {
    using folder = new ConfigFolder(
      [
        // On a busy machine Redis may answer later than the 15 ms after which a share of the limit decides.
        `store: { url: "${redis.url}", deadline: 20s }`,
        `policies: [{ name: address, key: ip, rules: [${LIMIT}/day] }]`,
        `proxy: { upstream: "${upstream}", accessLog: false }`,
      ].join('\n'),
    )
    const starting = await Promise.allSettled(Array.from({ length: PROXIES }, () => start(folder.file)))
    const proxies = starting.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    const agent = new Agent({ keepAlive: true, maxSockets: 16 })
    try {
      expect(proxies).toHaveLength(PROXIES)
      const asking = Array.from({ length: LIMIT }, (_, i) =>
        proxies.map(({ url }) => statusOf(`${url}/${i}`, agent)),
      )
      const statuses = await Promise.all(asking.flat())
      expect(statuses.filter((status) => status === 200)).toHaveLength(LIMIT)
      expect(statuses.filter((status) => status === 429)).toHaveLength(LIMIT * (PROXIES - 1))
      expect(seen).toHaveLength(LIMIT)
    } finally {
      agent.destroy()
      await Promise.all(proxies.map((one) => one[Symbol.asyncDispose]()))
    }
  })
})

describe('a proxy whose Redis is killed', () => {
  it('decides as each policy says, and by Redis again once that is back', async () => {
    const policies = (['local', 'open', 'closed'] as const).map(
      (mode) =>
        `  - { name: ${mode}, match: { path: /${mode} }, key: ip, onStoreError: ${mode}, rules: [4/day] }`,
    )
    using folder = new ConfigFolder(
      [
        `store: { url: "${redis.url}", replicas: 2 }`,
        'policies:',
        ...policies,
        `proxy: { upstream: "${upstream}" }`,
      ].join('\n'),
    )
    await using headgate = await start(folder.file)
    const ask = async (path: string, times: number): Promise<number[]> => {
      const statuses = []
      for (let i = 0; i < times; i++) statuses.push(await statusOf(headgate.url + path))
      return statuses
    }
    expect(await ask('/local', 1)).toEqual([200])
    await redis.crash()
    // One of two instances has half of the limit.
    expect(await ask('/local', 3)).toEqual([200, 200, 429])
    expect(await ask('/open', 5)).toEqual([200, 200, 200, 200, 200])
    expect(await ask('/closed', 2)).toEqual([503, 503])
    expect(seen.filter((path) => path === '/closed')).toEqual([])
    expect((await fetch(`${headgate.adminUrl}/readyz`)).status).toBe(503)
    expect(await ask('/elsewhere', 1)).toEqual([200])
    await redis.restart()
    await ready(headgate)
    await expect.poll(async () => (await ask('/closed', 1))[0], WITHIN).toBe(200)
    expect(await ask('/closed', 5)).toContain(429)
    expect(headgate.log).toContainEqual(
      expect.objectContaining({ outcome: 'store-unavailable', status: 503, path: '/closed' }),
    )
  })
})
