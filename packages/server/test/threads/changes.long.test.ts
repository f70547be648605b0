/** Changes of state by one thread of a service, of which the others remember what was before. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RedisServer } from '../../../limiter/test/redis-server.ts'
import { ConfigFolder } from '../e2e/config-folder.ts'
import { Traffic } from '../e2e/traffic.ts'
import { type HttpAnswer, WorkerProcess } from './worker-process.ts'

/** Enough connections that no thread goes without one. */
const MANY = 20
/** Leases outlast the test unless they are ended. */
const CONFIG = `version: 1
store: { url: memory, deadline: 10s }
policies: [{ name: api, key: user, rules: [1000000/day], lease: { max: 100000, lifetime: 10m } }]
`

let redis: RedisServer
beforeAll(async () => {
  redis = await RedisServer.start()
})
afterAll(() => redis.stop())

describe('a block', () => {
  it.each(['the admin listener', 'another thread'])('by %s ends leases in all threads', async (by) => {
    const who = { attributes: { user: by } }
    using config = new ConfigFolder(CONFIG)
    await using workers = await WorkerProcess.start(['--config', config.file, '--store', redis.url])
    const traffic = new Traffic(workers.headgate.url, {
      callers: MANY,
      next: () => ({ path: '/v1/consume', body: who, check: () => {} }),
    })
    const answers = (): Promise<HttpAnswer[]> =>
      Promise.all(Array.from({ length: MANY }, () => workers.ask('/v1/consume', who)))
    const sourcesOf = async (): Promise<unknown[]> => (await answers()).map(({ body }) => body.source)
    await expect.poll(sourcesOf, { timeout: 60_000 }).toEqual(Array(MANY).fill('lease'))
    await traffic.stop()
    const { url, adminUrl } = workers.headgate
    const block = await fetch(`${by === 'the admin listener' ? adminUrl : url}/v1/block`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...who, duration: '1h' }),
    })
    expect(block.status).toBe(200)
    // What is asked comes behind what was told: once for the thread that blocked, and once for the others.
    for (let i = 0; i < 2; i++) expect((await fetch(`${adminUrl}/v1/stats`)).status).toBe(200)
    const reasons = (await answers()).map(({ body }) => body.reason)
    expect(reasons).toEqual(Array(MANY).fill('blocked'))
  })
})

describe('units that are given back', () => {
  it.each(['refund', 'credit', 'settle'])('by %s end denials in all threads', async (how) => {
    const who = { attributes: { user: how } }
    using config = new ConfigFolder(CONFIG.replace('1000000', '1000').replace(/, lease: .*\}/, ' }'))
    await using workers = await WorkerProcess.start(['--config', config.file, '--store', redis.url])
    const sources = async (): Promise<unknown[]> => {
      const answers = Array.from({ length: MANY }, () => workers.ask('/v1/consume', who))
      return (await Promise.all(answers)).map(({ body }) => body.source)
    }
    const path = how === 'settle' ? '/v1/reserve' : '/v1/consume'
    const { receipt, reservation } = (await workers.ask(path, { ...who, cost: 1000 })).body
    await expect.poll(sources, { timeout: 60_000 }).toEqual(Array(MANY).fill('deny-cache'))
    const back = { refund: { receipt }, credit: { ...who, cost: 600 }, settle: { reservation, actual: 400 } }
    expect((await workers.ask(`/v1/${how}`, back[how as keyof typeof back])).status).toBe(200)
    // What is asked comes behind what was told: once for the thread that was asked, and once for the others.
    for (let i = 0; i < 2; i++)
      expect((await fetch(`${workers.headgate.adminUrl}/v1/stats`)).status).toBe(200)
    expect(await sources()).toEqual(Array(MANY).fill('store'))
  })
})
