import { describe, expect, it } from 'vitest'
import { QUIET_MS } from '../../src/transports/http/fast/fast-limits.ts'
import { listening } from '../protocol/listening-service.ts'
import { CERTIFICATES, tlsOf } from '../protocol/secure-listener.ts'
import { until } from './attacks-peer.ts'
import { turn } from './differential-app.ts'
import { CALLERS, callersOf, load, stopUnderLoad } from './drain-load.ts'
import { post } from './fast-server.ts'

describe('a service that stops under load', () => {
  it('cuts no request of its connections', () => stopUnderLoad({}, 600))

  it('cuts no request of connections over TLS', async () => {
    await stopUnderLoad({ tls: await tlsOf(CERTIFICATES.server) }, 300)
  })

  it('cuts none of connections that were handed over either, which are told to leave before', async () => {
    await using served = await listening()
    const callers = callersOf(served, (i) => (i % 2 === 0 ? { te: 'trailers' } : {}))
    const answered = await load(callers, 200, () => served.service.drain())
    await served.transport.drain()
    expect(answered).toBeGreaterThanOrEqual(200 + CALLERS)
    const { answered: fast = 0, handedOver } = served.transport.fastPath?.() ?? {}
    expect(handedOver).toMatchObject({ field: CALLERS / 2 })
    expect(fast).toBeGreaterThan(0)
  })

  it('does not wait longer than it is told to for requests that never become whole', async () => {
    await using served = await listening()
    const [fast, ordinary] = [await served.connect(), await served.connect()]
    fast.write('POST /v1/consume HTTP/1.1\r\nhost: a')
    ordinary.write('GET /livez HTTP/1.1\r\nhost: a')
    await expect.poll(() => served.transport.fastPath?.().handedOver['target']).toBe(1)
    let isDrained = false
    const drained = Promise.resolve(served.transport.drain()).then(() => (isDrained = true))
    expect(isDrained).toBe(false)
    await served.transport.close()
    await drained
  })

  it('answers a request that came while the process stood still', async () => {
    await using served = await listening()
    const socket = await served.connect()
    socket.setNoDelay(true)
    let text = ''
    socket.on('data', (chunk) => (text += chunk))
    void served.transport.drain()
    await until(() => served.transport.connections?.() === 1)
    for (let i = 0; i < 2; i++) {
      standStill(QUIET_MS + 10)
      await turn()
    }
    socket.write(post('{"attributes":{"user":"alice"}}'))
    standStill(QUIET_MS + 10)
    await until(() => text.includes('"allowed":true'))
  })
})

/** As collecting garbage or a machine without processors does. */
function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}
