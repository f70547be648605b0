/** One decision over keys in several slots of a real Cluster: what it costs, and what fails with it. */
import { type Cluster, Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { BudgetRequest } from '../../src/core/store.ts'
import { createLimiter } from '../../src/create-limiter.ts'
import { redisStore } from '../../src/entries/redis.ts'
import { redisStore as bareStore } from '../../src/stores/redis/index.ts'
import { isAdmission, standingOf } from '../guarantees/across.ts'
import { freshBudget } from '../guarantees/arbitraries.ts'
import { ProxiedCluster } from '../harness/proxied-cluster.ts'
import { RedisCluster } from '../harness/redis-cluster.ts'
import { until } from '../harness/until.ts'
import type { RedisServer } from '../redis-server.ts'

/** Each way, so that a round trip takes twice as long. */
const DELAY_MS = 60
const budget = freshBudget({ limit: '5/min' })

let redis: RedisCluster
let proxied: ProxiedCluster
let client: Cluster
const ends: (() => unknown)[] = []

beforeAll(async () => {
  // Long enough that nobody calls a frozen node dead.
  redis = await RedisCluster.start({ replicasPerMaster: 0, nodeTimeoutMs: 30_000 })
  proxied = await ProxiedCluster.start(redis)
  client = proxied.client()
})

afterAll(async () => {
  for (const end of ends) await end()
  client?.disconnect()
  await proxied?.close()
  await redis?.stop()
})

/** A call of a script, when and where it was carried out. */
interface Call {
  readonly atMs: number
  readonly port: number
  readonly key: string
}

/** Writes down what every node carries out, and when its replies reach the client. */
async function watch(): Promise<{ calls: Call[]; replies: number[] }> {
  const calls: Call[] = []
  const replies: number[] = []
  for (const node of redis.nodes) {
    const plain = new Redis(node.adminUrl)
    const monitor = await plain.monitor()
    plain.disconnect()
    ends.push(() => monitor.disconnect())
    monitor.on('monitor', (time: string, [command = '', , , key = '']: string[]) => {
      if (/^evalsha?$/i.test(command)) calls.push({ atMs: Number(time) * 1000, port: node.port, key })
    })
    proxied.before(node).corrupt((chunk) => {
      replies.push(performance.timeOrigin + performance.now())
      return chunk
    })
  }
  return { calls, replies }
}

/** Keys of one policy that lie on different nodes. */
async function spread(
  ask: (key: string) => Promise<unknown>,
  prefix: string,
): Promise<Map<RedisServer, string>> {
  const found = new Map<RedisServer, string>()
  for (let i = 0; found.size < redis.nodes.length; i++) {
    await ask(`k${i}`)
    for (const node of redis.nodes) {
      const own = (await node.command('KEYS', `${prefix}:*:k${i}`)) as unknown[]
      if (own.length > 0 && !found.has(node)) found.set(node, `k${i}`)
    }
  }
  return found
}

describe('a decision over three slots', () => {
  it('is admitted in the time of one round trip, with one call for each', async () => {
    const store = bareStore(client, { prefix: 'headgate:rounds' })
    const charge = (key: string): Promise<unknown> => store.decide('charge', [{ budget, key, cost: 1 }])
    const keys = [...(await spread(charge, 'headgate:rounds')).values()]
    const asks = keys.map((key): BudgetRequest => ({ budget, key, cost: 1 }))
    const denied = asks.map((ask, i) => (i === 0 ? { ...ask, cost: 9 } : ask))
    // Every node knows all scripts from now on.
    for (const key of keys) {
      await store.refund([{ budget, key, cost: 1, id: 'x', rules: [undefined] }])
    }
    const { calls, replies } = await watch()
    const before = performance.timeOrigin + performance.now()
    for (const proxy of proxied.proxies) proxy.delay(DELAY_MS)
    const numbers = await standingOf(store, 'consume', asks)
    const elapsed = performance.timeOrigin + performance.now() - before
    await until('all calls are written down', () => calls.length >= 3)
    expect(isAdmission(numbers)).toBe(true)
    expect(new Set(calls.map(({ port }) => port)).size).toBe(3)
    expect(calls).toHaveLength(3)
    const carriedOut = calls.map(({ atMs }) => atMs)
    const firstReply = Math.min(...replies)
    // All was carried out before the first reply came in: no call can have waited for another.
    expect(Math.max(...carriedOut)).toBeLessThan(firstReply)
    console.log(
      `admitted over 3 slots in ${elapsed.toFixed(0)} ms at ${2 * DELAY_MS} ms a round trip: ${(elapsed / 2 / DELAY_MS).toFixed(2)} of them; ` +
        `carried out ${carriedOut.map((at) => `+${(at - before).toFixed(0)}`).join(' ')} ms, first reply +${(firstReply - before).toFixed(0)} ms`,
    )

    calls.length = replies.length = 0
    const start = performance.now()
    expect(isAdmission(await standingOf(store, 'consume', denied))).toBe(false)
    const took = performance.now() - start
    await until('all calls are written down', () => calls.length >= 7)
    // Three that spend, two that take back, two that look what is left.
    expect(calls).toHaveLength(7)
    console.log(
      `denied in ${took.toFixed(0)} ms: ${(took / 2 / DELAY_MS).toFixed(2)} round trips, ${calls.length} calls`,
    )
    for (const proxy of proxied.proxies) await proxy.heal()
    for (const key of keys) {
      const [, remaining] = await standingOf(store, 'peek', [{ budget, key, cost: 0 }])
      expect(remaining).toBe(3)
    }
  })

  it('with one of them frozen is decided otherwise, as are its keys, and no others', async () => {
    const policies = [
      { name: 'own', key: 'user', rules: ['1000/min'] },
      { name: 'both', match: { path: '/both' }, key: ['user', 'peer'], rules: ['1000/min'] },
    ]
    const store = redisStore(client, { prefix: 'headgate:frozen' })
    const limiter = createLimiter({ policies, store, onStoreError: 'open', deadlineMs: 100, replicas: 1 })
    ends.push(() => limiter.close())
    const users = Array.from({ length: 90 }, (_, i) => `u${i}`)
    await store.ping()
    await Promise.all(users.map((user) => limiter.consume({ user })))
    const [frozen] = redis.nodes as [RedisServer]
    const its = new Set(
      ((await frozen.command('KEYS', 'headgate:frozen:*')) as string[]).map(
        (key) => /:own:.*?(u\d+)$/.exec(key)?.[1],
      ),
    )
    frozen.freeze()
    const sources = new Map<string, string>()
    // Enough for each breaker to open, and once more.
    for (let round = 0; round < 7; round++) {
      const decisions = await Promise.all(users.map((user) => limiter.consume({ user })))
      users.forEach((user, i) => {
        const { source } = decisions[i] as (typeof decisions)[number]
        expect([user, source]).toEqual([user, its.has(user) ? 'open' : 'store'])
        sources.set(user, source)
      })
    }
    const { parts, breaker } = limiter.health()
    const open = parts.filter((part) => part.breaker !== 'closed').length
    expect(breaker).not.toBe('closed')
    expect(open).toBeGreaterThan(0)
    expect(open).toBeLessThan(parts.length / 2)
    console.log(
      `${its.size} of ${users.length} keys on the frozen node; ${open} of ${parts.length} breakers open`,
    )

    const left = async (user: string): Promise<number | null> =>
      (await limiter.peek({ user }, { cost: 0, policy: 'own' })).remaining
    const well = users.filter((user) => !its.has(user))
    const before = await Promise.all(well.map(left))
    const across = await Promise.all(
      well.map((user, i) => limiter.consume({ user, path: '/both', peer: `p${i}` }, { cost: 7 })),
    )
    await until('what was spent is given back', async () => {
      const after = await Promise.all(well.map(left))
      return after.every((remaining, i) => {
        const spent = across[i]?.source === 'store' ? 7 : 0
        return remaining === (before[i] as number) - spent
      })
    })
    const tally = Map.groupBy(across, ({ source }) => source)
    console.log(
      `decisions over two slots: ${[...tally].map(([source, all]) => `${all.length} by ${source}`).join(', ')}`,
    )
    expect([...tally.keys()].sort()).toEqual(['open', 'store'])
    frozen.resume()
    await until('all breakers are closed', () => limiter.health().breaker === 'closed')
    expect(
      (await Promise.all(users.map((user) => limiter.consume({ user })))).map(({ source }) => source),
    ).toEqual(users.map(() => 'store'))
  })
})
