/** The connection from Envoy to the service: over TLS, and while Envoy gives up what it asks. */
import { memoryStore } from 'headgate'
import { faultyStore } from 'headgate/testing'
import { describe, expect, it } from 'vitest'
import { envoyPath } from '../../../../scripts/ensure-envoy.ts'
import { GRPC_ENGINES } from '../../src/transports/grpc/grpc-engine.ts'
import { AskedProcess } from '../grpc/foreign-client.ts'
import { servedBy } from '../grpc/grpc-server.ts'
import { CERTIFICATES } from '../protocol/secure-listener.ts'
import { Envoy } from './envoy.ts'
import { askOverTls, type EnvoyConfig, rateLimitFilter } from './envoy-config.ts'
import { stockApp } from './stock-app.ts'

const missing = envoyPath() === null
if (missing) console.warn('SKIPPED: the connection of Envoy, which is not installed')

const CALLERS = 20
const CALLS = 1600
const CONFIG = `
policies:
  - { name: clients, match: { domain: edge, descriptor: [remote_address] }, key: descriptor.remote_address, rules: [1000000/min] }
`

/** How many requests ended in which status. */
async function statuses(envoy: Envoy): Promise<Record<number, number>> {
  const counts: Record<number, number> = {}
  let left = CALLS
  const caller = async (): Promise<void> => {
    while (left-- > 0) {
      const { status } = await envoy.send('/')
      counts[status] = (counts[status] ?? 0) + 1
    }
  }
  await Promise.all(Array.from({ length: CALLERS }, caller))
  return counts
}

describe.skipIf(missing).each(GRPC_ENGINES)('the connection of Envoy, on %s', (engine) => {
  it('is encrypted, and no request fails', async () => {
    await using stack = new AsyncDisposableStack()
    const app = stack.use(await stockApp())
    const asked = stack.use(await AskedProcess.start({ engine, config: CONFIG, tls: 'server' }))
    const ports = { app: app.port, services: [Number(asked.target.split(':')[1])] }
    const envoy = stack.use(await Envoy.start(ports, (config) => askOverTls(config, CERTIFICATES.ca)))
    expect(await statuses(envoy)).toEqual({ 200: CALLS })
    expect(await envoy.stat('cluster.app.ratelimit.ok')).toBe(CALLS)
    expect(await envoy.stat('cluster.headgate.ssl.handshake')).toBeGreaterThan(0)
  })
})

// HTTP/2 of Node, below grpc-js, ends a connection on which too many calls were reset, whoever asked for too little time.
describe.skipIf(missing)('the connection of Envoy, on native', () => {
  it('outlives 1,600 calls that Envoy gives up after 20 ms', async () => {
    await using stack = new AsyncDisposableStack()
    const app = stack.use(await stockApp())
    const store = faultyStore(memoryStore())
    const server = stack.use(await servedBy('native')(CONFIG, { store }))
    const ports = { app: app.port, services: [Number(server.target.split(':')[1])] }
    const give20Ms = (config: EnvoyConfig): void => {
      delete rateLimitFilter(config).timeout
      delete rateLimitFilter(config).rate_limit_service.grpc_service.retry_policy
    }
    const envoy = stack.use(await Envoy.start(ports, give20Ms))
    store.always({ late: '100ms' })
    await statuses(envoy)
    expect(await envoy.stat('cluster.headgate.upstream_rq_tx_reset')).toBeGreaterThan(CALLS / 2)
    store.always('none')
    await expect.poll(async () => (await envoy.send('/')).status).toBe(200)
    expect(await envoy.stat('cluster.headgate.upstream_cx_close_notify')).toBe(0)
    expect(await envoy.stat('cluster.headgate.upstream_cx_destroy_remote')).toBe(0)
  })
})
