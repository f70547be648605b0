/** What docs/guide/several-regions.md says of a home store at the far end of a link of 80 ms. */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Decision } from '../../src/core/decision.ts'
import type { Limiter } from '../../src/core/limiter.ts'
import { createLimiter } from '../../src/create-limiter.ts'
import { redisStore } from '../../src/entries/redis.ts'
import { FaultProxy } from '../harness/fault-proxy.ts'
import { until } from '../harness/until.ts'
import { RedisServer } from '../redis-server.ts'
import { excessOf } from './lease-holders.ts'

/** Held back in each direction, so that a round trip takes 80 ms. */
const ONE_WAY_MS = 40
const [PER_SECOND, BURST, LIFETIME_MS] = [1000, 200, 500] as const
/** What each region asks a second: together less than the limit, and each alone more than it. */
const [MODEST, GREEDY] = [300, 1500] as const
const MOST_A_TURN = 10

let server: RedisServer

beforeAll(async () => {
  server = await RedisServer.start()
})
afterAll(async () => {
  await server?.stop()
})

/** A process in another region than the store. */
class Region implements AsyncDisposable {
  readonly limiter: Limiter
  readonly link: FaultProxy
  /** When each unit was admitted, milliseconds. */
  readonly admitted: number[] = []
  /** Decisions from leases that did not wait for any socket or timer. */
  atOnce = 0
  decisions = 0
  slowestMs = 0
  readonly #close: () => Promise<void>

  private constructor(link: FaultProxy, limiter: Limiter, close: () => Promise<void>) {
    this.link = link
    this.limiter = limiter
    this.#close = close
  }

  static async open(prefix: string, deadlineMs?: number): Promise<Region> {
    const link = await FaultProxy.start(server.port)
    const store = redisStore(link.url, { prefix: `headgate:${prefix}` })
    await store.ping()
    link.delay(ONE_WAY_MS)
    const rules = [{ algorithm: 'token-bucket', limit: `${PER_SECOND}/s`, burst: BURST }]
    const policies = [{ name: 'tenant', rules, lease: { max: 500, lifetime: `${LIFETIME_MS}ms` } }]
    const limiter = createLimiter({ store, policies, replicas: 2, ...(deadlineMs && { deadlineMs }) })
    return new Region(link, limiter, async () => {
      await limiter.close()
      await store.close()
      await link.close()
    })
  }

  /** Requests that come at a rate of their own until `isOver`, each in a turn of the event loop with few others. */
  async offer(perSecond: number, isOver: () => boolean): Promise<void> {
    const asked: Promise<unknown>[] = []
    const start = performance.now()
    while (!isOver()) {
      const due = ((performance.now() - start) * perSecond) / 1000
      for (let left = MOST_A_TURN; asked.length < due && left > 0; left--) asked.push(this.ask())
      await sleep(1)
    }
    await Promise.all(asked)
  }

  async ask(): Promise<Decision> {
    const start = performance.now()
    let turned = false
    setImmediate(() => {
      turned = true
    })
    const decision = await this.limiter.consume('acme')
    this.decisions++
    if (decision.source === 'lease' && !turned) this.atOnce++
    // What a stand-in admits is beside the bound of leases.
    if (decision.allowed && ['store', 'lease'].includes(decision.source))
      this.admitted.push(performance.now())
    this.slowestMs = Math.max(this.slowestMs, performance.now() - start)
    return decision
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close()
  }
}

function sum(regions: readonly Region[], of: (region: Region) => number): number {
  return regions.reduce((total, region) => total + of(region), 0)
}

async function scriptsRun(): Promise<number> {
  const text = String(await server.command('INFO', 'commandstats'))
  const calls = text.matchAll(/^cmdstat_eval(?:sha)?:calls=(\d+)/gm)
  return [...calls].reduce((sum, [, count]) => sum + Number(count), 0)
}

describe('two regions with one home store, 80 ms away', () => {
  it('answer a busy key by leases, and admit no more together than G8 says', async () => {
    await using one = await Region.open('both', 1000)
    await using other = await Region.open('both', 1000)
    const regions = [one, other]
    const admitted = (): number[] => regions.flatMap((region) => region.admitted)
    const start = performance.now()
    const offer = async (perSecond: number, isOver: (region: Region) => boolean): Promise<unknown> =>
      Promise.all(regions.map((region) => region.offer(perSecond, () => isOver(region))))

    await offer(MODEST, ({ atOnce }) => atOnce >= 50)
    const [scripts, decisions] = [await scriptsRun(), sum(regions, ({ decisions }) => decisions)]
    await offer(MODEST, ({ atOnce }) => atOnce >= 200)
    const asked = sum(regions, ({ decisions }) => decisions) - decisions
    expect((await scriptsRun()) - scripts).toBeLessThan(asked / 2)

    const enough = admitted().length + 1500
    await offer(GREEDY, () => admitted().length >= enough)
    const elapsedMs = performance.now() - start
    const times = admitted().sort((a, b) => a - b)
    const perMs = PER_SECOND / 1000
    // All that was admitted had been taken since the first call.
    expect(times.length).toBeLessThanOrEqual(BURST + perMs * elapsedMs)
    // A call that the store decides counts from its answer, which is later by at most what the slowest one took.
    const lateMs = Math.max(LIFETIME_MS, ...regions.map(({ slowestMs }) => slowestMs))
    const excess = excessOf(
      times.map((ms) => [ms, 1] as const),
      perMs,
    )
    expect(excess).toBeLessThanOrEqual(BURST + perMs * lateMs)
  })

  it('lose it by the default deadline, and reach it with one above the round trip', async () => {
    await using region = await Region.open('deadline')
    // One call may be lucky, where a machine stalls for longer than the round trip.
    await until('its share decides, and the store counts as lost', async () => {
      const { source } = await region.ask()
      return source === 'fallback' && region.limiter.health().store === 'unreachable'
    })
    await using patient = await Region.open('deadline', 200)
    await until('the store decides', async () => (await patient.ask()).source === 'store')
  })

  it('decide by their shares while the link is cut, and by the store when it is back', async () => {
    await using region = await Region.open('cut', 200)
    await until('it holds a lease', async () => (await region.ask()).source === 'lease')
    region.link.blackHole()
    await until('its share decides', async () => (await region.ask()).source === 'fallback')
    const { limit } = await region.ask()
    // Half of the burst, as there are two processes.
    expect(limit).toBe(BURST / 2)
    await region.link.heal()
    region.link.delay(ONE_WAY_MS)
    await until('the store decides again', async () => (await region.ask()).source !== 'fallback')
  })
})
