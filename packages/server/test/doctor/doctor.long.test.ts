/** What takes many servers, a compiler or patience. */
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RedisCluster } from '../../../limiter/test/harness/redis-cluster.ts'
import { RedisSentinel } from '../../../limiter/test/harness/redis-sentinel.ts'
import { RedisServer } from '../../../limiter/test/redis-server.ts'
import { examine, notable } from './examine.ts'

const brief = { policies: 'policies: [{ name: api, key: user, rules: [100/min] }]\n' }
const memory = ['--maxmemory', '100mb', '--maxmemory-policy', 'noeviction']
const patient = (url: string): string => `{ url: "${url}", deadline: 10s }`
const hostsOf = (places: readonly { host: string; port: number }[]): string => {
  return places.map(({ host, port }) => `${host}:${port}`).join(',')
}

it('headgate doctor says by how much a clock is wrong', async () => {
  await using server = await RedisServer.start({ skewableClock: true, args: memory })
  server.skewClock(3_600_000)
  expect(notable(await examine(patient(server.url), brief))).toEqual({
    clock: expect.stringMatching(/^warning: its clock is (3599\.9|3600\.0)\d\d s ahead of this machine's/),
  })
})

it('headgate doctor ends within 10 s where a server answers for ever', async () => {
  const sockets = new Set<Socket>()
  const dribble = setInterval(() => {
    for (const socket of sockets) socket.write('x')
  }, 100)
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}))
    socket.write('$1000000\r\n')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const start = performance.now()
  const findings = await examine(patient(`redis://127.0.0.1:${port}`), brief)
  expect(performance.now() - start).toBeLessThan(10_000)
  expect(notable(findings)).toEqual({ time: expect.stringMatching(/^error: .*within 8 s/) })
  clearInterval(dribble)
  for (const socket of sockets) socket.destroy()
  server.close()
  await once(server, 'close')
})

describe('headgate doctor behind Sentinels', () => {
  it('looks at the primary that they name, and at each of them', async () => {
    await using redis = await RedisSentinel.start({ replicas: 1, args: memory })
    const url = (places: readonly { host: string; port: number }[]): string => {
      return `redis+sentinel://${hostsOf(places)}/${redis.masterName}`
    }
    const findings = await examine(patient(url(redis.sentinels)), brief)
    expect(notable(findings)).toEqual({})
    const { port } = await redis.master()
    expect(findings.find(({ check }) => check === 'sentinels')?.message).toBe(
      `3 of 3 Sentinels name 127.0.0.1:${port} as the primary`,
    )
    const wrong = await examine(patient(url([...redis.sentinels, { host: '127.0.0.1', port: 1 }])), brief)
    expect(notable(wrong)).toEqual({ sentinel: expect.stringMatching(/^warning: nobody listens there/) })
    const replica = redis.servers.find((server) => server.port !== port)
    expect(notable(await examine(patient(replica?.url ?? ''), brief))).toMatchObject({
      replication: expect.stringMatching(/^error: it is a replica/),
    })
  })
})

describe('headgate doctor on a Cluster', () => {
  let redis: RedisCluster
  const url = (): string => `redis+cluster://${hostsOf(redis.addresses)}`

  beforeAll(async () => {
    redis = await RedisCluster.start({ args: memory })
  })
  afterAll(() => redis?.stop())

  it('looks at each primary, and leaves no key', async () => {
    const findings = await examine(patient(url()), brief)
    expect(notable(findings)).toEqual({})
    expect(findings.filter(({ check }) => check === 'permissions')).toHaveLength(3)
    expect(findings.map(({ check }) => check)).toEqual(
      expect.arrayContaining(['clocks', 'shards', 'cluster-coverage']),
    )
    const keys = await Promise.all(redis.nodes.map((node) => node.command('KEYS', '*')))
    // What every store notes at its first decision.
    expect([...new Set(keys.flat())]).toEqual(['headgate:{~shards}'])
  })

  it('says that a URL is not that of a Cluster, or is that of none', async () => {
    const node = notable(await examine(patient(redis.nodes[0]?.url ?? ''), brief))
    expect(node).toEqual({ topology: expect.stringMatching(/^error: it is a node of a Cluster/) })
    await using alone = await RedisServer.start({ args: memory, permissions: ['a Cluster'] })
    const none = notable(await examine(patient(alone.url.replace('redis:', 'redis+cluster:')), brief))
    expect(none).toEqual({ topology: 'error: it is no node of a Cluster' })
  })

  it('finds processes that deal keys to another number of shards, and leaves what they noted', async () => {
    const owner = await redis.nodeOf('headgate:{~shards}')
    await owner.command('SET', 'headgate:{~shards}', '12')
    expect(notable(await examine(patient(url()), brief))).toEqual({
      shards: expect.stringMatching(/^warning: keys of headgate were last dealt to 12 shards/),
    })
    expect(await owner.command('GET', 'headgate:{~shards}')).toBe('12')
  })

  it('finds slots that nobody has', async () => {
    const slot = await redis.slotOf('nobody has this one')
    await Promise.all(redis.nodes.map((node) => node.command('CLUSTER', 'DELSLOTS', slot).catch(() => {})))
    expect(notable(await examine(patient(url()), brief))['cluster-coverage']).toBe(
      'error: 1 of 16384 slots have no primary',
    )
  })
})
