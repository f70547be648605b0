/**
 * The service of the previous commit and this one side by side on one Redis, as they are while somebody rolls out an
 * upgrade or takes it back: together they admit what the limits say, neither more nor less.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../../../limiter/test/harness/until.ts'
import { randomOf, seedOfRun } from '../../../limiter/test/parity/random.ts'
import { RedisServer } from '../../../limiter/test/redis-server.ts'
import { ConfigFolder } from '../e2e/config-folder.ts'
import { HeadgateProcess } from '../e2e/headgate-process.ts'
import { AlternatingTraffic } from './alternating-traffic.ts'
import { configurationOf, counted, policyNames } from './policies.ts'
import { previousBuild } from './previous-build.ts'

const SOON = { timeout: 30_000, interval: 20 }
const CALLS_A_STAGE = 150
/** Asked beyond what there is. */
const CROWD = 60

const build = previousBuild()
const skipped = typeof build === 'string' ? build : null
if (skipped !== null) console.warn(`SKIPPED the upgrade from the previous commit: ${skipped}`)
const binary = typeof build === 'string' ? '' : build.binary

type Version = 'previous' | 'present'

describe.skipIf(skipped !== null)('the previous commit and this one on one Redis', () => {
  let redis: RedisServer
  let config: ConfigFolder
  let names: readonly string[]

  beforeAll(async () => {
    redis = await RedisServer.start()
    names = await understoodByBoth()
    config = new ConfigFolder(configurationOf(names))
  })

  afterAll(async () => {
    config?.[Symbol.dispose]()
    await redis?.stop()
  })

  async function start(version: Version): Promise<HeadgateProcess> {
    const place = version === 'previous' ? { binary } : {}
    const started = await HeadgateProcess.serve(['--config', config.file, '--store', redis.url], {}, place)
    await until('it is ready', async () => (await started.get('/readyz')).status === 200)
    return started
  }

  it('keep one account through a rollout and a rollback, whoever is asked', {
    timeout: 180_000,
  }, async () => {
    const random = randomOf(seedOfRun('upgrade'))
    const traffic = new AlternatingTraffic(
      random,
      counted.filter(({ name }) => names.includes(name)),
    )
    const running = [await start('previous'), await start('previous')]
    try {
      const stages: readonly (readonly [number, Version])[] = [
        [0, 'present'],
        [1, 'present'],
        [1, 'previous'],
        [0, 'previous'],
      ]
      for (const [index, version] of stages) {
        await traffic.run(running, CALLS_A_STAGE)
        expect((await running[index]?.stop())?.code).toBe(0)
        running[index] = await start(version)
      }
      await traffic.run(running, CALLS_A_STAGE)
      await traffic.compare()
      for (const { log } of running) expect(log.filter(({ level }) => Number(level) >= 40)).toEqual([])
      console.log([...traffic.counts].map(([what, count]) => `${what}: ${count}`).join(', '))
    } finally {
      await Promise.all(running.map((service) => service[Symbol.asyncDispose]()))
    }
  })

  describe('together', () => {
    let both: readonly HeadgateProcess[]

    beforeAll(async () => {
      both = [await start('previous'), await start('present')]
    })

    afterAll(async () => {
      await Promise.all((both ?? []).map((service) => service[Symbol.asyncDispose]()))
    })

    /** Asks both so many times in all, all at once; how many units passed. */
    async function admitted(user: string, path: string, count: number): Promise<number> {
      const asked = both.flatMap((service, i) => {
        const share = Math.floor((count + i) / both.length)
        return Array.from({ length: share }, () => service.post('/v1/consume', of(user, path)))
      })
      return (await Promise.all(asked)).filter(({ body }) => body.allowed).length
    }

    it('admit a crowd to the last unit and not beyond, under every algorithm', async () => {
      for (const { name, limits } of counted.filter((policy) => names.includes(policy.name))) {
        const most = Math.min(...limits)
        expect([name, await admitted('crowd', name, most + CROWD)]).toEqual([name, most])
      }
    })

    it('have leases that never sum up to more than there is, and leave no more than they hold', async () => {
      const [most, held] = [400, 2 * 20]
      const passed = await admitted('crowd', 'leased', most + CROWD)
      expect(passed).toBeLessThanOrEqual(most)
      expect(passed).toBeGreaterThanOrEqual(most - held)
    })

    it.each([
      ['the previous version', 0, 1],
      ['this version', 1, 0],
    ])('know a ban by %s, count its offence, and end it', async (user, by, other) => {
      const [one, two] = [both[by], both[other]] as [HeadgateProcess, HeadgateProcess]
      for (let i = 0; i < 3; i++) await one.post('/v1/consume', of(user, 'banning'))
      expect((await one.post('/v1/consume', of(user, 'banning'))).body.reason).toBe('limited')
      expect((await two.post('/v1/consume', of(user, 'banning'))).body.reason).toBe('blocked')
      for (const verb of ['unblock', 'reset']) {
        await two.post(`/v1/${verb}`, { attributes: { user }, policy: 'banning' })
      }
      const again = async (): Promise<boolean> =>
        (await one.post('/v1/consume', of(user, 'banning'))).body.allowed
      await expect.poll(again, SOON).toBe(true)
    })

    it.each([
      ['the previous version', 0, 1],
      ['this version', 1, 0],
    ])('take back what a bucket of %s spent, once', async (user, by, other) => {
      const [one, two] = [both[by], both[other]] as [HeadgateProcess, HeadgateProcess]
      const { receipt } = (await one.post('/v1/consume', { ...of(user, 'bucket'), cost: 5 })).body
      await two.post('/v1/consume', { ...of(user, 'bucket'), cost: 3 })
      const answers = await Promise.all(
        [two, one, two, one].map((each) => each.post('/v1/refund', { receipt })),
      )
      const refunded = answers.map(({ body }) => body.refunded).sort()
      // A part of a unit has drained by then.
      expect([
        [0, 0, 0, 4],
        [0, 0, 0, 5],
      ]).toContainEqual(refunded)
      for (const each of both) {
        expect((await each.post('/v1/peek', { ...of(user, 'bucket'), cost: 0 })).body.remaining).toBe(32)
      }
    })

    it('count each other, and no process that has ended', async () => {
      for (const [i, service] of both.entries())
        await service.post('/v1/consume', of(`replica ${i}`, 'sliding'))
      await expect.poll(() => redis.command('ZCARD', 'headgate:{~replicas}'), SOON).toBe(2)
    })

    it('write keys that both know, one for a budget, and leave each other the scripts', async () => {
      const keys = (await redis.command('KEYS', '*')) as readonly string[]
      const known = /^headgate:\{(~(replicas|secrets|ping)|~claim:[^{}]+|[\w-]+:[\w -]+)\}(~r:.+)?$/
      expect(keys.filter((key) => !known.test(key))).toEqual([])
      const stats = String(await redis.command('INFO', 'commandstats'))
      const calls = (name: string): number =>
        Number(new RegExp(`cmdstat_${name}:calls=(\\d+)`).exec(stats)?.[1])
      // In full a script travels once from every process that has not sent it, and never because of the other version.
      expect(calls('eval')).toBeLessThan(calls('evalsha') / 4)
    })
  })
})

/** All policies that both accept. What the previous version accepts this one has to accept as well. */
async function understoodByBoth(): Promise<readonly string[]> {
  const [before, now] = await accepted(policyNames)
  expect(now, 'this version accepts all of them').toBe(true)
  if (before) return policyNames
  const known: string[] = []
  for (const name of policyNames) {
    const [alone] = await accepted([name])
    if (alone) known.push(name)
    else console.warn(`LEFT OUT: the policy ${name}, which the previous commit refuses`)
  }
  return known
}

async function accepted(names: readonly string[]): Promise<boolean[]> {
  using config = new ConfigFolder(configurationOf(names))
  const checks = [{ binary }, {}].map((place) => HeadgateProcess.run(['check', config.file], {}, place))
  return (await Promise.all(checks)).map(({ code }) => code === 0)
}

/** Attributes of a call. */
function of(user: string, path: string): object {
  return { attributes: { user, path: `/${path}` } }
}
