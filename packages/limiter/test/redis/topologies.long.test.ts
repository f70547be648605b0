/** Clients of the store's own and of users, where there is more than one server. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Cluster, Redis } from 'ioredis'
import { Redis as Valkey, Cluster as ValkeyCluster } from 'iovalkey'
import { createCluster, createSentinel } from 'redis'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { RedisClient } from '../../src/stores/redis/client.ts'
import { type Connection, connect } from '../../src/stores/redis/connection/connect.ts'
import { Sentinels } from '../../src/stores/redis/connection/sentinels.ts'
import { admitDocumentedUser, documentedUser } from '../documented-user.ts'
import { certificates } from '../harness/certificates.ts'
import { RedisCluster } from '../harness/redis-cluster.ts'
import { RedisSentinel } from '../harness/redis-sentinel.ts'
import { Started } from '../harness/started.ts'
import { until } from '../harness/until.ts'
import { RedisServer } from '../redis-server.ts'

const text = "return redis.call('INCR', KEYS[1])"
/** Known to no server: it is sent in full each time. */
const script = { text, sha: '0'.repeat(40) }

const started = new Started()

afterEach(() => started[Symbol.asyncDispose]())

function connection(given: Parameters<typeof connect>[0]): Connection {
  const made = connect(given)
  started.defer(made.close)
  return made
}

function hostsOf(addresses: readonly { readonly port: number }[]): string {
  return addresses.map(({ port }) => `127.0.0.1:${port}`).join(',')
}

/** Resolves once a call succeeds. */
async function recovery({ run }: Connection, key: string): Promise<void> {
  await until('it answers', () => run(script, [key], []).then(() => true), { withinMs: 20_000 })
}

describe('behind Sentinels', () => {
  let redis: RedisSentinel

  beforeAll(async () => {
    // What a connection is asked here are scripts of these tests.
    redis = await RedisSentinel.start({ permissions: 'all' })
  })

  afterAll(() => redis.stop())

  const byUrl = (): Connection =>
    connection(`redis+sentinel://${hostsOf(redis.sentinels)}/${redis.masterName}/1`)

  it('a URL follows the primary, however it was lost', { timeout: 60_000 }, async () => {
    const own = byUrl()
    expect(own.cluster).toBe(false)
    await own.run(script, ['n'], [])
    for (const how of ['command', 'kill', 'freeze'] as const) {
      const { to } = await redis.failover(how)
      await recovery(own, 'n')
      const before = Number(await own.run(script, ['n'], []))
      await redis.bringBack()
      await recovery(own, 'n')
      const { port } = await redis.master()
      expect(port).toBe(to.port)
      expect(Number(await own.run(script, ['n'], []))).toBeGreaterThan(before)
    }
  })

  it('are asked nothing more once that was ended, and whoever is asking is told so', async () => {
    const sentinels = new Sentinels({ sentinels: redis.sentinels, name: redis.masterName })
    const { port } = await sentinels.primary()
    expect(port).toBe((await redis.master()).port)
    const asking = sentinels.primary()
    sentinels.close()
    await expect(asking).rejects.toThrow('the connection was closed')
    await expect(sentinels.primary()).rejects.toThrow('the connection was closed')
  })

  it('a URL leaves a primary that was made a replica', async () => {
    const own = byUrl()
    await own.run(script, ['n'], [])
    await redis.demote()
    await expect(own.run(script, ['n'], [])).rejects.toThrow('READONLY')
    await until('the Sentinels have put it right', () => own.run(script, ['n'], []).then(() => true), {
      withinMs: 30_000,
    })
  })

  it.each<[string, () => Promise<RedisClient>]>([
    [
      'ioredis',
      async () => {
        const client = new Redis({ sentinels: [...redis.sentinels], name: redis.masterName })
        started.defer(() => client.disconnect())
        return client
      },
    ],
    [
      'iovalkey',
      async () => {
        const client = new Valkey({ sentinels: [...redis.sentinels], name: redis.masterName })
        started.defer(() => client.disconnect())
        return client
      },
    ],
    [
      'redis',
      async () => {
        const sentinelRootNodes = redis.sentinels.map((address) => ({ ...address }))
        const client = createSentinel({ name: redis.masterName, sentinelRootNodes })
        client.on('error', () => {})
        await client.connect()
        started.defer(() => client.destroy())
        return client
      },
    ],
  ])('a client of %s is taken', async (name, open) => {
    const { run, cluster } = connection(await open())
    expect(cluster).toBe(false)
    expect([await run(script, [name], []), await run(script, [name], [])]).toEqual([1, 2])
    expect(await (await redis.master()).command('GET', name)).toBe('2')
  })
})

describe('a Sentinel that is gone', () => {
  it('is not written about', async () => {
    await using redis = await RedisSentinel.start({ replicas: 0, sentinels: 1, permissions: 'all' })
    const print = vi.spyOn(console, 'error')
    const own = connection(`redis+sentinel://${hostsOf(redis.sentinels)}/${redis.masterName}`)
    await own.run(script, ['n'], [])
    await sleep(200)
    await redis.stop()
    await expect(own.run(script, ['n'], [])).rejects.toThrow()
    await sleep(2500)
    await expect(own.run(script, ['n'], [])).rejects.toThrow('no Sentinel knows the primary')
    expect(print).not.toHaveBeenCalled()
    print.mockRestore()
  })
})

describe('in a Cluster', () => {
  let redis: RedisCluster
  /** One of each primary. */
  let keys: string[]

  beforeAll(async () => {
    redis = await RedisCluster.start({ permissions: 'all' })
    const masters = await redis.masters()
    keys = []
    for (let i = 0; keys.length < masters.length; i++) {
      const owners = await Promise.all(keys.map((key) => redis.nodeOf(key)))
      if (!owners.includes(await redis.nodeOf(`k${i}`))) keys.push(`k${i}`)
    }
  })

  afterAll(() => redis.stop())

  const byUrl = (): Connection => connection(`redis+cluster://${hostsOf(redis.addresses.slice(0, 2))}`)

  it('a URL finds all primaries with the first calls, and loses none of these', async () => {
    const own = byUrl()
    expect(own.cluster).toBe(true)
    const many = Array.from({ length: 60 }, (_, i) => `first:${i}`)
    expect(await Promise.all(many.map((key) => own.run(script, [key], [])))).toEqual(many.map(() => 1))
  })

  it.each(['manual', 'force', 'takeover'] as const)(
    'a URL follows a failover by %s',
    { timeout: 60_000 },
    async (how) => {
      const own = byUrl()
      const [key = ''] = keys
      await own.run(script, [key], [])
      await redis.failover(key, how)
      await recovery(own, key)
    },
  )

  it.each(['kill', 'freeze'] as const)(
    'a URL recovers from a primary lost by %s',
    { timeout: 60_000 },
    async (how) => {
      const own = byUrl()
      const [key = '', other = ''] = keys
      await own.run(script, [key], [])
      await redis.failover(key, how)
      await recovery(own, key)
      await recovery(own, other)
      await redis.bringBack()
      await recovery(own, key)
    },
  )

  it('a URL follows slots that move, and loses no call', { timeout: 30_000 }, async () => {
    const own = byUrl()
    const [key = '', other = ''] = keys
    await own.run(script, [key], [])
    let calls = 0
    let moving = true
    const failures: unknown[] = []
    const caller = (async () => {
      while (moving) {
        await own.run(script, [key], []).catch((reason: unknown) => failures.push(reason))
        calls++
      }
    })()
    const [slot, from, to] = [await redis.slotOf(key), await redis.nodeOf(key), await redis.nodeOf(other)]
    for (const target of [to, from]) {
      await redis.moveSlot(slot, target)
      const moved = calls
      await until('it is called where it is now', async () => calls > moved + 10)
    }
    moving = false
    await caller
    expect(failures).toEqual([])
  })

  it('a URL needs no more permissions than are documented', async () => {
    const { name, password } = documentedUser
    for (const node of redis.nodes) {
      await admitDocumentedUser(node, 'a Cluster')
      await node.command('ACL', 'LOG', 'RESET')
    }
    const own = connection(`redis+cluster://${name}:${password}@${hostsOf(redis.addresses)}`)
    const harmless = { text: 'return 1', sha: '0'.repeat(40) }
    const call = (key: string): Promise<unknown> => own.run(harmless, [`headgate:{${key}}`], [])
    for (const key of keys) await call(key)
    await redis.failover(keys[0] ?? '', 'manual')
    for (const key of keys) await until('it answers', () => call(key))
    await expect(own.run(script, ['headgate:{a}'], [])).rejects.toThrow()
    const refused = await Promise.all(redis.nodes.map((node) => node.command('ACL', 'LOG')))
    // What the script of this test does, and no script of the store.
    expect(refused.flat().map((entry) => (entry as unknown[])[7])).toEqual(['incr'])
  })

  it.each<[string, () => Promise<RedisClient>]>([
    [
      'ioredis',
      async () => {
        const client = new Cluster(redis.addresses.map((address) => ({ ...address })))
        started.defer(() => client.disconnect())
        return client
      },
    ],
    [
      'iovalkey',
      async () => {
        const client = new ValkeyCluster(redis.addresses.map((address) => ({ ...address })))
        started.defer(() => client.disconnect())
        return client
      },
    ],
    [
      'redis',
      async () => {
        const client = createCluster({ rootNodes: redis.addresses.map((socket) => ({ socket })) })
        client.on('error', () => {})
        await client.connect()
        started.defer(() => client.destroy())
        return client
      },
    ],
  ])('a client of %s is taken, and each node is sent what it forgot', async (name, open) => {
    const { run, cluster } = connection(await open())
    expect(cluster).toBe(true)
    const own = { text: `${text} -- ${name}`, sha: '' }
    for (const node of redis.nodes) own.sha = String(await node.command('SCRIPT', 'LOAD', own.text))
    for (const node of redis.nodes) await node.flushScripts()
    for (const key of keys) {
      expect([await run(own, [`${name}:${key}`], []), await run(own, [`${name}:${key}`], [])]).toEqual([1, 2])
    }
    await redis.failover(keys[0] ?? '', 'manual')
    expect(await run(own, [`${name}:${keys[0]}`], [])).toBe(3)
  })
})

describe('a Cluster with TLS and a user', () => {
  it('is found by a URL, and again with a new password', { timeout: 30_000 }, async () => {
    const { ca, server: tls } = certificates()
    const args = ['--cluster-enabled', 'yes', '--tls-cluster', 'yes', '--cluster-announce-ip', '127.0.0.1']
    await using server = await RedisServer.start({ tls, user: { name: 'alice', password: 'first' }, args })
    await server.command('CLUSTER', 'ADDSLOTSRANGE', 0, 16_383)
    const state = async (): Promise<unknown> => server.command('CLUSTER', 'INFO')
    await until('its slots are served', async () => /cluster_state:ok/.test(String(await state())))
    let password = 'first'
    const url = `rediss+cluster://alice@localhost:${server.port}`
    const own = connection({ url, password: () => password, tls: { ca } })
    expect(await own.run(script, ['n'], [])).toBe(1)
    password = await server.rotatePassword()
    await server.killClients()
    await recovery(own, 'n')
  })
})
