import { describe, expect, it } from 'vitest'
import type { UpstreamGroup } from '../../src/proxy/upstream/forwarding.ts'
import {
  answer,
  rawServer,
  type Script,
  send,
  start,
  upstreamSettings,
  useUpstreams,
} from './upstream-fixture.ts'

const { fixture, serve } = useUpstreams()

const says =
  (text: string): Script =>
  (socket) =>
    socket.write(answer(text))

/** Bodies of so many responses, one after the other. */
async function bodies(group: UpstreamGroup, times: number): Promise<string[]> {
  const texts: string[] = []
  for (let i = 0; i < times; i++) texts.push((await send(group)).body)
  return texts
}

const health = { path: null, intervalMs: 10_000, timeoutMs: 2000, failures: 2, ejectionMs: 10_000 }

describe('several targets', () => {
  it('take turns where they have as much to do', async () => {
    const targets = [(await serve(says('a'))).url, (await serve(says('b'))).url, (await serve(says('c'))).url]
    const group = fixture().group({ targets })
    expect((await bodies(group, 6)).sort().join('')).toBe('aabbcc')
  })

  it('get the next request where they have least to do', async () => {
    const [slow, fast] = [await serve(() => {}), await serve(says('fast'))]
    const group = fixture().group({ targets: [slow.url, fast.url] })
    const stuck = [start(group), start(group)]
    await expect.poll(() => slow.received.length).toBe(1)
    expect(await bodies(group, 5)).toEqual(Array(5).fill('fast'))
    for (const one of stuck) one.forwarding.abort()
  })
})

describe('a target that fails', () => {
  it('gets no requests for a while after some failures in a row, and is then tried', async () => {
    let isDown = true
    const one = await serve((socket) => (isDown ? socket.destroy() : socket.write(answer('one'))))
    const two = await serve(says('two'))
    const group = fixture().group({ targets: [one.url, two.url] })
    const failures = (await Promise.all([send(group), send(group), send(group), send(group)])).filter(
      ({ failure }) => failure !== null,
    )
    expect(failures.length).toBe(2)
    expect(fixture().events).toEqual([
      { target: one.url, isHealthy: false, why: 'A request failed: hung-up.' },
    ])
    expect(await bodies(group, 4)).toEqual(Array(4).fill('two'))
    fixture().clock.advance('10s')
    expect(fixture().events[1]).toMatchObject({ target: one.url, isHealthy: true })
    expect((await Promise.all([send(group), send(group)])).map(({ failure }) => failure?.why).sort()).toEqual(
      ['hung-up', undefined],
    )
    expect(fixture().events[2]).toMatchObject({ isHealthy: false })
    isDown = false
    fixture().clock.advance('10s')
    expect((await bodies(group, 4)).sort().join(' ')).toBe('one one two two')
  })

  it('is tried all the same where no other is healthy', async () => {
    let isDown = true
    const server = await serve((socket) => (isDown ? socket.destroy() : socket.write(answer('up'))))
    const group = fixture().group({ targets: [server.url] })
    for (let i = 0; i < 3; i++) await send(group)
    expect(fixture().upstreams.states()).toEqual([{ target: server.url, isHealthy: false, inFlight: 0 }])
    isDown = false
    expect(await send(group)).toMatchObject({ body: 'up' })
  })

  it('is told no more once no configuration has it: another one may be called the same', async () => {
    const server = await serve(() => {})
    const before = fixture().group({ targets: [server.url], health: { ...health, failures: 1 } })
    const one = start(before)
    await expect.poll(() => server.sockets.length).toBe(1)
    fixture().group({ targets: [server.url], connectionsMax: 63 })
    server.sockets[0]?.destroy()
    await one.ended
    expect(one.failure?.why).toBe('hung-up')
    expect(fixture().events).toEqual([])
  })

  it('is not one that answers 503, which one resource may do for good', async () => {
    const server = await serve((socket) => socket.write(answer('', 'HTTP/1.1 503 X')))
    const group = fixture().group({ targets: [server.url] })
    for (let i = 0; i < 5; i++) expect(await send(group)).toMatchObject({ status: 503, failure: null })
    expect(fixture().events).toEqual([])
  })

  it('is sent no more than a fifth of the requests a second time, but for a few', async () => {
    const server = await rawServer(() => {})
    await server.close()
    const two = await serve((socket) => socket.write(answer('')))
    const targets = [server.url, two.url]
    const group = fixture().group({ targets, health: { ...health, failures: 1_000_000 } })
    const results = await Promise.all(Array.from({ length: 60 }, () => send(group)))
    const failed = results.filter(({ failure }) => failure !== null).length
    // 30 were sent to the closed port first: 10 and a fifth of those before could be sent again.
    expect(failed).toBeGreaterThanOrEqual(8)
    expect(failed).toBeLessThanOrEqual(20)
    fixture().clock.advance('10s')
    expect((await send(group)).failure).toBeNull()
    expect((await send(group)).failure).toBeNull()
  })
})

describe('a target whose health is asked for', () => {
  const asked = { ...health, path: '/healthz' }

  it('gets no requests while it fails checks, and again after one that passes', async () => {
    let status = '200 OK'
    const one = await serve((socket) => socket.end(answer('one', `HTTP/1.1 ${status}`)))
    const two = await serve((socket) => socket.write(answer('two')))
    const group = fixture().group({ targets: [one.url, two.url], health: asked })
    const checks = (): number => one.received.join('').split('GET /healthz').length - 1
    await expect.poll(checks).toBe(1)
    // A check is over once its connection is closed.
    const areOver = (): boolean =>
      [one, two].every(({ sockets }) => sockets.length > 0 && sockets.every(({ destroyed }) => destroyed))
    status = '500 X'
    for (const times of [2, 3]) {
      await expect.poll(areOver).toBe(true)
      fixture().clock.advance('10s')
      await expect.poll(checks).toBe(times)
    }
    await expect
      .poll(() => fixture().events)
      .toEqual([{ target: one.url, isHealthy: false, why: 'It answered /healthz with 500.' }])
    await expect.poll(areOver).toBe(true)
    expect(await bodies(group, 3)).toEqual(Array(3).fill('two'))
    status = '302 X'
    fixture().clock.advance('10s')
    await expect
      .poll(() => fixture().events[1])
      .toEqual({ target: one.url, isHealthy: true, why: 'It answers /healthz.' })
  })

  it('fails checks where it does not answer in time, or not at all', async () => {
    const silent = await serve(() => {})
    const closed = await rawServer(() => {})
    await closed.close()
    const one = { ...asked, failures: 1 }
    fixture().group({ targets: [silent.url, closed.url], health: one })
    await expect.poll(() => fixture().events).toMatchObject([{ target: closed.url, isHealthy: false }])
    fixture().clock.advance('2s')
    await expect
      .poll(() => fixture().events[1])
      .toEqual({
        target: silent.url,
        isHealthy: false,
        why: 'It did not answer /healthz in 2000 ms.',
      })
  })

  it('is asked no more once no configuration names it', async () => {
    const server = await serve(says(''))
    fixture().group({ targets: [server.url], health: asked })
    await expect.poll(() => server.received.length).toBe(1)
    fixture().upstreams.use([upstreamSettings()])
    await expect.poll(() => fixture().clock.pending).toBe(0)
  })
})
