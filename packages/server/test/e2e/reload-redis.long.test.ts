/** A file that services on one Redis follow: other limits act on keys that have spent already, and not on calls under way. */
import { Agent } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RedisServer } from '../../../limiter/test/redis-server.ts'
import { parseConfig } from '../../src/config/config.ts'
import { ConfigFolder } from './config-folder.ts'
import { HeadgateProcess } from './headgate-process.ts'
import { post } from './traffic.ts'

const hashOf = (text: string): string => parseConfig(text, 'headgate.yaml').hash

/** Far above what it takes, on a busy machine too. */
const SOON = { timeout: 60_000, interval: 10 }
const PATHS = ['/sliding', '/fixed', '/bucket'] as const

/** Nothing comes back of a year's budget while a test runs. */
function textOf(limit: number): string {
  const rate = `limit: ${limit}/year`
  // A busy machine is no store that fails.
  return `version: 1
store: { url: memory, deadline: 10s }
policies:
  - { name: sliding, match: { path: /sliding }, key: user, rules: [{ name: r, ${rate} }] }
  - { name: fixed, match: { path: /fixed }, key: user, rules: [{ name: r, algorithm: fixed-window, ${rate} }] }
  - { name: bucket, match: { path: /bucket }, key: user, rules: [{ name: r, algorithm: token-bucket, ${rate} }] }
`
}

let redis: RedisServer

beforeAll(async () => {
  redis = await RedisServer.start()
})
afterAll(() => redis?.stop())

async function inForce(headgate: HeadgateProcess, limit: number): Promise<void> {
  const configuration = { hash: hashOf(textOf(limit)), rejected: null }
  await expect
    .poll(async () => (await headgate.get('/readyz')).body, SOON)
    .toEqual({ ready: true, configuration })
}

async function spend(headgate: HeadgateProcess, cost: number): Promise<unknown[]> {
  const answers = PATHS.map((path) => {
    return headgate.post('/v1/consume', { attributes: { user: 'alice', path }, cost })
  })
  return (await Promise.all(answers)).map(({ status, body }) => [
    status,
    body.limit,
    body.remaining,
    body.source,
  ])
}

describe('two services on one Redis, whose file changes', () => {
  // https://github.com/afreidah/s3-orchestrator/pull/84
  it('judge old keys by the new limit and keep what was spent, restarted or not', {
    timeout: 180_000,
  }, async () => {
    using config = new ConfigFolder(textOf(100))
    const serve = (): Promise<HeadgateProcess> => {
      return HeadgateProcess.serve(['--config', config.file, '--store', redis.url])
    }
    await using stays = await serve()
    await using stopped = await serve()
    await inForce(stays, 100)
    await inForce(stopped, 100)
    expect(await spend(stays, 60)).toEqual(PATHS.map(() => [200, 100, 40, 'store']))
    expect(await spend(stopped, 40)).toEqual(PATHS.map(() => [200, 100, 0, 'store']))
    const denied = PATHS.map(() => [429, 10, 0, expect.stringMatching(/store|deny-cache/)])

    config.rename(textOf(10))
    await inForce(stays, 10)
    await inForce(stopped, 10)
    expect(await spend(stays, 1)).toEqual(denied)
    expect(await spend(stopped, 1)).toEqual(denied)
    expect((await stopped.stop()).code).toBe(0)

    await using restarted = await serve()
    await inForce(restarted, 10)
    expect(await spend(restarted, 1)).toEqual(denied)

    config.rename(textOf(1000))
    await inForce(stays, 1000)
    await inForce(restarted, 1000)
    // A bucket of another rate is another one: it begins with what the one before had used, which was full at 10.
    expect(await spend(stays, 1)).toEqual([
      [200, 1000, 899, 'store'],
      [200, 1000, 899, 'store'],
      [200, 1000, 989, 'store'],
    ])
    expect(await spend(restarted, 9)).toEqual([
      [200, 1000, 890, 'store'],
      [200, 1000, 890, 'store'],
      [200, 1000, 980, 'store'],
    ])
  })
})

/** The name of its policy tells a version, also where the store does not answer in time. */
const named = (name: string): string => {
  return `store: { url: memory, deadline: 10s }\npolicies: [{ name: ${name}, key: user, rules: [1000/day] }]\n`
}

describe('a service on Redis, whose file changes while 1,000 requests wait for Redis', () => {
  it('answers each by the configuration that it was decided under, and says which', {
    timeout: 180_000,
  }, async () => {
    using config = new ConfigFolder(named('old'))
    // Each of the requests that wait has a connection of its own, all from one peer.
    const room = ['--max-connections-per-peer', '3000']
    await using headgate = await HeadgateProcess.serve([
      '--config',
      config.file,
      '--store',
      redis.url,
      ...room,
    ])
    const agent = new Agent({ keepAlive: true })
    redis.freeze()
    let sent = 0
    const asked = Array.from({ length: 1000 }, (_, i) => {
      return post(`${headgate.url}/v1/consume`, `{"attributes":{"user":"${i}"}}`, agent, () => sent++)
    })
    await expect.poll(() => sent, SOON).toBe(1000)
    // Whoever is answered now has come after them.
    await headgate.get('/livez')
    config.rename(named('new'))
    const inForce = async (): Promise<unknown> => (await headgate.get('/v1/policies')).body.hash
    await expect.poll(inForce, SOON).toBe(hashOf(named('new')))
    redis.resume()
    const answers = (await Promise.all(asked)).map(({ status, headers, body }) => {
      return `${status} ${body.policy} ${headers['headgate-config']}`
    })
    agent.destroy()
    const [old, late] = ['old', 'new'].map((name) => `200 ${name} ${hashOf(named(name))}`)
    // On a machine that is that busy some come in only after the change.
    expect([...new Set(answers)].filter((answer) => answer !== late)).toEqual([old])
    expect((await headgate.stop()).code).toBe(0)
  })
})
