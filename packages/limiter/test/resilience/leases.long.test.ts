import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createLimiter } from '../../src/create-limiter.ts'
import { redisStore } from '../../src/entries/redis.ts'
import { FaultProxy } from '../harness/fault-proxy.ts'
import { until } from '../harness/until.ts'
import { RedisServer } from '../redis-server.ts'
import { excessOf, type HolderJob, LeaseHolder, timelineOf } from './lease-holders.ts'

const LIFETIME_MS = 200

let server: RedisServer
let holders: LeaseHolder[] = []

beforeAll(async () => {
  server = await RedisServer.start()
})
afterEach(async () => {
  await Promise.all(holders.map((holder) => holder.stop('SIGKILL')))
  holders = []
})
afterAll(async () => {
  await server?.stop()
})

async function start(count: number, job: Omit<HolderJob, 'url' | 'lifetimeMs'>): Promise<LeaseHolder[]> {
  const more = Array.from({ length: count }, () => {
    return new LeaseHolder({ ...job, url: server.url, lifetimeMs: LIFETIME_MS })
  })
  holders.push(...more)
  await Promise.all(more.map((holder) => holder.ready()))
  return more
}

const lease = { max: 500, lifetime: `${LIFETIME_MS}ms` }

describe('leases of many processes', () => {
  // How much they admit of all there is, and how much of it from leases, depends on the machine: it is told, not asserted.
  it('admit no more than G8 says', async () => {
    const perMs = 10
    const burst = 1000
    const rules = [{ name: 'b', algorithm: 'token-bucket', limit: '10000/s', burst }]
    const all = await start(8, { prefix: 'headgate:eight', policy: { name: 'api', rules, lease }, paceMs: 0 })
    await sleep(6000)
    await Promise.all(all.map((holder) => holder.stop()))
    const timeline = timelineOf(all)
    // A call that the store decides counts from when it was sent; it may have been decided up to a deadline later.
    const excess = excessOf(timeline, perMs)
    const first = (timeline[0] as [number, number])[0] + 1500
    const steady = timeline.filter(([ms]) => ms >= first && ms < first + 4000)
    const share = steady.reduce((sum, [, units]) => sum + units, 0) / (4000 * perMs)
    console.log(
      `excess ${excess.toFixed(0)} of ${burst + perMs * LIFETIME_MS}; ${(share * 100).toFixed(1)} % of the rate`,
    )
    expect(excess).toBeLessThanOrEqual(burst + perMs * LIFETIME_MS)
    const units = all.reduce((sum, one) => sum + one.units, 0)
    const leased = all.reduce((sum, one) => sum + one.leased, 0)
    console.log(`${((100 * leased) / units).toFixed(0)} % from leases`)
    expect(leased).toBeGreaterThan(0)
    expect(all.reduce((sum, { stale }) => sum + stale, 0)).toBe(0)
  })

  it('stay spent when their holder is killed, until they drain, and nobody admits them as well', async () => {
    const rules = [{ name: 'w', algorithm: 'fixed-window', limit: '4000/day' }]
    const policy = { name: 'api', rules, lease }
    const [victim] = (await start(1, { prefix: 'headgate:killed', policy, paceMs: 1 })) as [LeaseHolder]
    await until('it holds leases', () => victim.units > 600)
    await victim.stop('SIGKILL')
    const store = redisStore(server.url, { prefix: 'headgate:killed' })
    await store.ping()
    const limiter = createLimiter({ store, policies: [policy], deadlineMs: 1000 })
    const left = async (): Promise<number> => (await limiter.peek('one', { cost: 0 })).remaining ?? 0
    const lost = 4000 - (await left()) - victim.units
    console.log(`${victim.units} units admitted, ${lost} lost`)
    expect(lost).toBeGreaterThan(0)
    expect(lost).toBeLessThanOrEqual(2 * lease.max)
    const others = await start(3, { prefix: 'headgate:killed', policy, paceMs: 0 })
    await until('nothing is left', async () => (await left()) === 0)
    await sleep(3 * LIFETIME_MS)
    await Promise.all(others.map((holder) => holder.stop()))
    const total = [victim, ...others].reduce((sum, { units }) => sum + units, 0)
    console.log(`${total} of 4000 admitted by all`)
    expect(total).toBeLessThanOrEqual(4000)
    expect(total + lost + (await left())).toBeGreaterThanOrEqual(4000)
    await limiter.close()
    await store.close()
  })

  it('are not spent after their time by a process that was stopped meanwhile', async () => {
    const rules = [{ name: 'b', algorithm: 'token-bucket', limit: '1000/s', burst: 1000 }]
    const [one] = (await start(1, {
      prefix: 'headgate:stopped',
      policy: { name: 'api', rules, lease },
      paceMs: 1,
    })) as [LeaseHolder]
    for (let i = 1; i <= 3; i++) {
      const { units } = one
      await until('it holds leases', () => one.units > units + 300)
      one.child.kill('SIGSTOP')
      await sleep(2 * LIFETIME_MS)
      one.child.kill('SIGCONT')
    }
    await sleep(100)
    await one.stop()
    // A process can be stopped between looking at the clock and spending, once.
    expect(one.stale).toBeLessThanOrEqual(1)
  })
})

describe('leases far from their store', () => {
  // How fast they answer is measured by `npm run -s bench -- distributed --only 80`.
  it('answer over a link of 80 ms without asking the store each time', async () => {
    await using proxy = await FaultProxy.start(server.port)
    const store = redisStore(proxy.url, { prefix: 'headgate:far' })
    await store.ping()
    const policy = { name: 'api', rules: ['1000000/day'], lease: { max: 1000, lifetime: '500ms' } }
    const limiter = createLimiter({ store, policies: [policy], deadlineMs: 200 })
    proxy.delay(40)
    const us: number[] = []
    const sources = new Map<string, number>()
    const began = performance.now()
    const pending: Promise<unknown>[] = []
    while (performance.now() < began + 5000) {
      // Two calls a millisecond, whether or not those before were answered.
      for (let n = 0; n < 2; n++) {
        const start = performance.now()
        const answer = limiter.consume('alice').then(({ source }) => {
          if (start < began + 2000) return
          us.push((performance.now() - start) * 1000)
          sources.set(source, (sources.get(source) ?? 0) + 1)
        })
        pending.push(answer)
      }
      await sleep(1)
    }
    await Promise.all(pending)
    us.sort((a, b) => a - b)
    const at = (part: number): number => Math.round(us[Math.floor(us.length * part)] as number)
    console.log(`p50 ${at(0.5)} µs, p99 ${at(0.99)} µs, max ${at(0.9999)} µs`, Object.fromEntries(sources))
    expect(sources.get('lease')).toBeGreaterThan(0)
    await limiter.close()
    await store.close()
  })
})
