/** A server that is to stop: nobody's request is cut, and nobody can keep it. */
import assert from 'node:assert/strict'
import { type Attack, attack, KIB, Peer, staysOpen, until } from './attacks-peer.ts'
import { bodiesOf, post } from './fast-server.ts'

const REQUEST = post('a')
const CLOSING = /\r\nconnection: close\r\n/g

export const DRAIN_CASES: readonly Attack[] = [
  attack('the next answer is the last, and requests behind it are not answered', async (serve) => {
    await using server = await serve()
    const peer = await Peer.of(server)
    await peer.send(REQUEST)
    server.path.drain()
    await peer.send(REQUEST.repeat(3))
    const text = await peer.ended()
    assert.deepEqual(bodiesOf(text), ['a', 'a'])
    assert.equal(text.match(CLOSING)?.length, 1)
    assert.equal(
      text.match(/keep-alive/gi)?.length,
      2,
      'the last answer still says that the connection stays',
    )
  }),
  attack('an answer that is waited for is still given', async (serve) => {
    const { promise, resolve } = Promise.withResolvers<string>()
    await using server = await serve({
      handler: async () => ({ status: 200, fields: [], body: await promise }),
    })
    const peer = await Peer.of(server)
    await peer.send(REQUEST)
    server.path.drain()
    server.sweep(20)
    await staysOpen(peer)
    resolve('late')
    const text = await peer.ended()
    assert.deepEqual([bodiesOf(text), text.match(CLOSING)?.length], [['late'], 1])
  }),
  attack('half a request is waited for', async (serve) => {
    await using server = await serve()
    const peer = await Peer.of(server)
    await peer.send(REQUEST.slice(0, 50))
    server.path.drain()
    server.sweep(2)
    await staysOpen(peer)
    await peer.send(REQUEST.slice(50))
    assert.deepEqual(bodiesOf(await peer.ended()), ['a'])
  }),
  attack(
    'connections without a request end at the second sweep, as a request may be on its way',
    async (serve) => {
      await using server = await serve()
      const [fresh, idle] = [await Peer.of(server), await Peer.of(server)]
      await idle.send(REQUEST)
      server.path.drain()
      server.sweep(1)
      for (const peer of [fresh, idle]) await staysOpen(peer)
      server.sweep(1)
      assert.deepEqual(
        await Promise.all([fresh.ended(), idle.ended()]).then((texts) => texts.map(bodiesOf)),
        [[], ['a']],
      )
    },
  ),
  attack('a slow reader gets what was answered, and is let go then', async (serve) => {
    const body = 'x'.repeat(64 * KIB)
    await using server = await serve({ handler: () => ({ status: 200, fields: [], body }) })
    const peer = await Peer.of(server)
    const { client, socket } = peer
    client.socket.pause()
    client.send(REQUEST.repeat(1000))
    await until(() => socket.isPaused())
    const answered = server.answered.times
    server.path.drain()
    client.socket.resume()
    const bodies = bodiesOf(await peer.ended())
    assert.equal(bodies.length, server.answered.times)
    assert.ok(bodies.every((one) => one === body))
    assert.equal(server.answered.times, answered + 1)
  }),
  attack('what never ends is cut off when it is told to be', async (serve) => {
    await using server = await serve({ handler: () => new Promise(() => {}) })
    const [asking, reading] = [await Peer.of(server), await Peer.of(server)]
    await asking.send(REQUEST)
    await reading.send(REQUEST.slice(0, 50))
    server.path.drain()
    for (const peer of [asking, reading]) await staysOpen(peer)
    server.path.destroyAll()
    for (const peer of [asking, reading]) await peer.closed()
  }),
]
