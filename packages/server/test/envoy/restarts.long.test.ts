/** Two instances behind Envoy, which lets nothing pass that they do not allow: one at a time restarts, and nobody notices. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { envoyPath } from '../../../../scripts/ensure-envoy.ts'
import { RedisServer } from '../../../limiter/test/redis-server.ts'
import { Envoy } from './envoy.ts'
import { rateLimitFilter } from './envoy-config.ts'
import { Instance } from './instance.ts'
import { stockApp } from './stock-app.ts'

const missing = envoyPath() === null
if (missing) console.warn('SKIPPED: the restarts behind Envoy, which is not installed')

const CALLERS = 4
const ROUNDS = 2
const CONFIG = `
version: 1
policies:
  - { name: clients, match: { domain: edge, descriptor: [remote_address] }, key: descriptor.remote_address, rules: [1000000/min] }
`

let redis: RedisServer

beforeAll(async () => {
  redis = await RedisServer.start()
})

afterAll(() => redis?.stop())

const instance = (grpcPort = 0): Promise<Instance> =>
  Instance.start({ config: CONFIG, redisUrl: redis.url, grpcPort, args: ['--shutdown-delay', '3s'] })

describe.skipIf(missing)('of two instances behind Envoy', () => {
  it('one after the other restarts under traffic, and no request fails', { timeout: 180_000 }, async () => {
    await using stack = new AsyncDisposableStack()
    const app = stack.use(await stockApp())
    const instances = await Promise.all([instance(), instance()])
    stack.defer(async () => {
      for (const one of instances) await one[Symbol.asyncDispose]()
    })
    const ports = { app: app.port, services: instances.map(({ grpcPort }) => grpcPort) }
    const envoy = stack.use(
      await Envoy.start(ports, (config) => {
        expect(rateLimitFilter(config).failure_mode_deny).toBe(true)
      }),
    )
    const seen = new Map<number, number>()
    let isRunning = true
    const caller = async (): Promise<void> => {
      while (isRunning) {
        const { status } = await envoy.send('/')
        seen.set(status, (seen.get(status) ?? 0) + 1)
      }
    }
    const callers = Array.from({ length: CALLERS }, caller)
    const healthy = 'cluster.headgate.membership_healthy'
    for (let turn = 0; turn < 2 * ROUNDS; turn++) {
      const which = turn % 2
      const old = instances[which] as Instance
      const ended = await old.headgate.stop()
      expect([ended.code, ended.stdout]).toEqual([0, expect.not.stringContaining('are cut off')])
      await old[Symbol.asyncDispose]()
      instances[which] = await instance(old.grpcPort)
      await expect.poll(() => envoy.stat(healthy), { timeout: 30_000 }).toBe(2)
      const asked = seen.get(200) ?? 0
      await expect.poll(() => seen.get(200) ?? 0, { timeout: 30_000 }).toBeGreaterThan(asked + 100)
    }
    isRunning = false
    await Promise.all(callers)
    expect([...seen.keys()]).toEqual([200])
    for (const name of ['error', 'failure_mode_allowed']) {
      expect(await envoy.stat(`cluster.app.ratelimit.${name}`)).toBe(0)
    }
    expect(await envoy.stat('cluster.app.ratelimit.ok')).toBe(seen.get(200))
  })
})
