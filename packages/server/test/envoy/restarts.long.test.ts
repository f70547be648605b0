/** Two instances behind Envoy, which lets nothing pass that they do not allow: one at a time restarts, and nobody notices. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { envoyPath } from '../../../../scripts/ensure-envoy.ts'
import { RedisServer } from '../../../limiter/test/redis-server.ts'
import { GRPC_ENGINES, type GrpcEngineName } from '../../src/transports/grpc/grpc-engine.ts'
import { Envoy } from './envoy.ts'
import { rateLimitFilter } from './envoy-config.ts'
import { Instance } from './instance.ts'
import { stockApp } from './stock-app.ts'

const missing = envoyPath() === null
if (missing) console.warn('SKIPPED: the restarts behind Envoy, which is not installed')

const CALLERS = 4
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

const instance = (engine: GrpcEngineName, grpcPort = 0): Promise<Instance> =>
  Instance.start({
    config: CONFIG,
    redisUrl: redis.url,
    grpcPort,
    args: ['--shutdown-delay', '5s', '--grpc-engine', engine],
  })

/** Two instances, and callers that ask without a pause. */
interface Traffic extends AsyncDisposable {
  readonly engine: GrpcEngineName
  readonly instances: Instance[]
  readonly envoy: Envoy
  /** Waits until this many more requests have passed. */
  readonly passed: (count: number) => Promise<void>
  /** Ends the calls; nothing but passes may have been seen. */
  readonly end: () => Promise<void>
}

async function traffic(engine: GrpcEngineName): Promise<Traffic> {
  await using stack = new AsyncDisposableStack()
  const app = stack.use(await stockApp())
  const instances = await Promise.all([instance(engine), instance(engine)])
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
  stack.defer(async () => {
    isRunning = false
    await Promise.allSettled(callers)
  })
  const owned = stack.move()
  return {
    engine,
    instances,
    envoy,
    passed: async (count) => {
      const goal = app.seen.length + count
      await expect.poll(() => app.seen.length, { timeout: 30_000 }).toBeGreaterThan(goal)
    },
    end: async () => {
      isRunning = false
      await Promise.all(callers)
      expect([...seen.keys()]).toEqual([200])
      expect(app.seen).toHaveLength(seen.get(200) ?? 0)
      for (const name of ['error', 'failure_mode_allowed']) {
        expect(await envoy.stat(`cluster.app.ratelimit.${name}`)).toBe(0)
      }
      expect(await envoy.stat('cluster.app.ratelimit.ok')).toBe(seen.get(200))
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** Starts what has ended again, and waits until Envoy asks it. */
async function startAgain({ engine, instances, envoy, passed }: Traffic, which: number): Promise<void> {
  const old = instances[which] as Instance
  await old[Symbol.asyncDispose]()
  instances[which] = await instance(engine, old.grpcPort)
  await expect.poll(() => envoy.stat('cluster.headgate.membership_healthy'), { timeout: 30_000 }).toBe(2)
  await passed(100)
}

describe.skipIf(missing).each(GRPC_ENGINES)('of two instances behind Envoy, on %s', (engine) => {
  it('one after the other restarts under traffic, and no request fails', { timeout: 180_000 }, async () => {
    await using started = await traffic(engine)
    for (let which = 0; which < 2; which++) {
      const ended = await (started.instances[which] as Instance).headgate.stop()
      expect([ended.code, ended.stdout]).toEqual([0, expect.not.stringContaining('are cut off')])
      await startAgain(started, which)
    }
    // The others were not asked again.
    expect(await started.envoy.stat('cluster.headgate.upstream_rq_retry')).toBe(0)
    await started.end()
  })

  it('one is killed under traffic, and no request fails', { timeout: 180_000 }, async () => {
    await using started = await traffic(engine)
    await started.passed(200)
    await (started.instances[0] as Instance).headgate.stop('SIGKILL')
    await started.passed(500)
    await startAgain(started, 0)
    await started.end()
  })
})
