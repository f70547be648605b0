/** How connections of gRPC end: at their age, and with the process. */
import { once } from 'node:events'
import { status } from '@grpc/grpc-js'
import { describe, expect, it } from 'vitest'
import { GRPC_ENGINES } from '../../src/transports/grpc/grpc-engine.ts'
import { Frames } from './frames.ts'
import { GrpcClient, LIMITER, servedBy } from './grpc-server.ts'

const CHECK = '/grpc.health.v1.Health/Check'
const ALICE = { attributes: { user: 'alice' } }

/** What stands for the last call where none is named yet. */
const ANY_CALL = 2 ** 31 - 1

/** The last call that a client is told was taken: later ones it may send elsewhere. */
async function lastTaken(frames: Frames): Promise<number> {
  const last = (await frames.next('GOAWAY')).payload.readUInt32BE(0)
  if (last !== ANY_CALL) return last
  frames.answer(await frames.next('PING'))
  return lastTaken(frames)
}

describe.each(GRPC_ENGINES)('a connection of gRPC, served by %s', (engine) => {
  const serve = servedBy(engine)

  it('ends with the process, once calls under way are answered', async () => {
    await using server = await serve()
    using client = new GrpcClient(server.target, LIMITER)
    const all = { request: { ...ALICE, cost: 5 } }
    await client.ask('Consume', all.request)
    const waiting = client.ask('Wait', { ...all, timeout: '60s' })
    await client.ask('Peek', ALICE)
    const drained = server.transport.drain()
    server.clock.advance('60s')
    expect(await waiting).toMatchObject({ allowed: true })
    await drained
  })

  it('says which calls were taken, so that the others may go elsewhere', async () => {
    await using server = await serve()
    using frames = await Frames.connect(server.target)
    frames.call(1, CHECK)
    await frames.next('DATA')
    const drained = server.transport.drain()
    frames.call(3, CHECK)
    // Our own asks first, and waits for what the client sent before it knew.
    expect(await lastTaken(frames)).toBe(engine === 'native' ? 3 : 1)
    await Promise.all([frames.closed(), drained])
  })

  it('ends at its age in the same way', async () => {
    await using server = await serve(undefined, undefined, undefined, { connectionAgeMs: 1 })
    using frames = await Frames.connect(server.target)
    expect(await lastTaken(frames)).toBeGreaterThanOrEqual(0)
    await frames.closed()
  })
})

describe.each(GRPC_ENGINES)('a stream of gRPC, served by %s', (engine) => {
  const serve = servedBy(engine)

  it('is told when the process ends, after the message under way is answered', async () => {
    await using server = await serve()
    using client = new GrpcClient(server.target, LIMITER)
    const watched = client.watch('WatchUsage', ALICE)
    await once(watched, 'data')
    const asked = client.exchange('ConsumeStream')
    asked.write({ requests: [{ request: ALICE }] })
    expect((await once(asked, 'data'))[0]).toMatchObject({ decisions: [{ allowed: true }] })
    const ends = [watched, asked].map((stream) => once(stream, 'error'))
    const drained = server.transport.drain()
    for (const [error] of await Promise.all(ends)) {
      expect(error).toMatchObject({
        code: status.UNAVAILABLE,
        details: 'this instance is about to end; call again, which reaches another one',
      })
    }
    await drained
  })

  it('is cut off where the process ends at once', async () => {
    await using server = await serve()
    using client = new GrpcClient(server.target, LIMITER)
    const waiting = client.ask('Wait', { request: { ...ALICE, cost: 5 }, timeout: '60s' })
    await waiting
    const cut = client.ask('Wait', { request: ALICE, timeout: '60s' }).catch(({ code }) => code)
    await client.ask('Peek', ALICE)
    await server.transport.close()
    expect([status.UNAVAILABLE, status.CANCELLED]).toContain(await cut)
    await expect.poll(() => server.transport.connections?.()).toBe(0)
  })
})
