/** Connections of gRPC have an age: Envoy, which loses calls that cross the notice, is left alone. */
import { describe, expect, it } from 'vitest'
import { envoyPath } from '../../../../scripts/ensure-envoy.ts'
import { GRPC_ENGINES } from '../../src/transports/grpc/grpc-engine.ts'
import { servedBy } from '../grpc/grpc-server.ts'
import { Envoy } from './envoy.ts'
import { rateLimitFilter } from './envoy-config.ts'
import { stockApp } from './stock-app.ts'

const missing = envoyPath() === null
if (missing) console.warn('SKIPPED: the age of connections of Envoy, which is not installed')

const CALLERS = 16
const CONFIG = `
policies:
  - { name: clients, match: { domain: edge, descriptor: [remote_address] }, key: descriptor.remote_address, rules: [1000000/min] }
`

describe.skipIf(missing).each(GRPC_ENGINES)('the connection of an Envoy that asks once, on %s', (engine) => {
  it('has no age, and no request fails', async () => {
    await using stack = new AsyncDisposableStack()
    const app = stack.use(await stockApp())
    const server = stack.use(await servedBy(engine)(CONFIG, undefined, undefined, { connectionAgeMs: 500 }))
    const services = [Number(server.target.split(':')[1])]
    const envoy = stack.use(
      await Envoy.start({ app: app.port, services }, (config) => {
        delete rateLimitFilter(config).rate_limit_service.grpc_service.retry_policy
      }),
    )
    const statuses = new Set<number>()
    // One a second: several ages have passed.
    const checks = (): Promise<number> => envoy.stat('cluster.headgate.health_check.attempt')
    let isRunning = true
    const callers = Array.from({ length: CALLERS }, async () => {
      while (isRunning) statuses.add((await envoy.send('/')).status)
    })
    const before = await checks()
    await expect.poll(checks, { timeout: 30_000 }).toBeGreaterThan(before + 3)
    isRunning = false
    await Promise.all(callers)
    expect([...statuses]).toEqual([200])
    expect(await envoy.stat('cluster.app.ratelimit.error')).toBe(0)
    expect(await envoy.stat('cluster.headgate.upstream_cx_close_notify')).toBe(0)
  })
})
