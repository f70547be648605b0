/** What somebody does who wants to hold or break a server, and what it costs at most. */
import assert from 'node:assert/strict'
import { randomOf } from '../../../limiter/test/parity/random.ts'
import { FAST_LIMITS } from '../../src/transports/http/fast/fast-limits.ts'
import { ATTACKS_OF_TIME } from './attacks-of-time.ts'
import { type Attack, attack, KIB, LIMITS, Peer, stillness, until } from './attacks-peer.ts'
import { turn } from './differential-app.ts'
import { textOf } from './differential-change.ts'
import { HOSTILE } from './differential-hostile.ts'
import { bodiesOf, type FastServer, post } from './fast-server.ts'

const REQUEST = post('a')
const MANY = 100_000

/** Sends `before` at once, then octet by octet. */
async function trickle(server: FastServer, before: string, rest: string): Promise<Peer> {
  const peer = await Peer.of(server)
  await peer.send(before)
  for (const octet of rest) await peer.send(octet)
  return peer
}

/** What comes octet by octet in the end is read so many times, and one time more is left to Node. */
function readAgain(what: string, request: string): Attack {
  return attack(`${what} whose end comes octet by octet is read 64 times`, async (serve) => {
    await using server = await serve()
    const near = await trickle(server, request.slice(0, -63), request.slice(-63))
    assert.match(await near.says('x'), /200 OK/)
    assert.deepEqual([server.handedOver, server.answered.times], [[], 1])
    const far = await trickle(server, request.slice(0, -64), request.slice(-64))
    assert.match(await far.says('x'), /ordinary/)
    assert.deepEqual([server.handedOver, server.answered.times], [['pieces'], 1])
  })
}

export const ATTACKS: readonly Attack[] = [
  ...ATTACKS_OF_TIME,
  readAgain('a header', post('x', [`X-Long: ${'z'.repeat(7 * KIB)}`])),
  readAgain('a body', post('x'.repeat(60 * KIB))),
  attack('a header without end is not kept', async (serve) => {
    await using server = await serve()
    const { client, socket } = await Peer.of(server)
    client.send(post('', [`X-Long: ${'x'.repeat(1024 * KIB)}`]))
    // Node says 431, and a reset may overtake that.
    await until(() => client.hasEnded || client.isClosed)
    assert.deepEqual(server.handedOver, ['size'])
    assert.ok(socket.bytesRead <= 256 * KIB, `${socket.bytesRead} octets were read`)
  }),
  attack('a header of more than 8 KiB is left to Node before it is whole', async (serve) => {
    await using server = await serve()
    const peer = await Peer.of(server)
    const text = post('', [`X-Long: ${'x'.repeat(9 * KIB)}`])
    await peer.send(text.slice(0, 8 * KIB - 1))
    assert.deepEqual(server.handedOver, [])
    await peer.send(text.slice(8 * KIB - 1, 8 * KIB + 1))
    assert.deepEqual(server.handedOver, ['size'])
  }),
  attack('a body that is too large is left to Node by what its header says', async (serve) => {
    await using server = await serve()
    const peer = await Peer.of(server)
    await peer.send(post('x'.repeat(64 * KIB + 1)).slice(0, -64 * KIB - 1))
    assert.deepEqual(server.handedOver, ['size'])
  }),
  attack('answers that nobody takes', async (serve) => {
    const body = 'x'.repeat(32 * KIB)
    await using server = await serve({ handler: () => ({ status: 200, fields: [], body }) })
    const peer = await Peer.of(server)
    const { client, socket } = peer
    client.socket.pause()
    client.send(REQUEST.repeat(MANY))
    await stillness(() => server.answered.times)
    assert.ok(server.answered.times < MANY)
    assert.ok(socket.writableLength <= 128 * KIB, `${socket.writableLength} octets of answers are held`)
    assert.ok(socket.readableLength <= 192 * KIB, `${socket.readableLength} octets of requests are held`)
    server.sweep(LIMITS.blockedSweeps)
    assert.equal(socket.destroyed, false)
    server.sweep(1)
    await peer.closed()
    assert.deepEqual(server.cut, ['late'])
  }),
  attack('answers that nobody takes, asked for one by one', async (serve) => {
    const body = 'x'.repeat(32 * KIB)
    await using server = await serve({ handler: () => ({ status: 200, fields: [], body }) })
    const { client, socket } = await Peer.of(server)
    client.socket.pause()
    for (let i = 0; i < 1000; i++) {
      client.send(REQUEST)
      await turn()
      assert.ok(socket.writableLength <= 128 * KIB, `${socket.writableLength} octets of answers are held`)
    }
    assert.ok(server.answered.times < 1000)
  }),
  attack('a reader who takes a little at a time', async (serve) => {
    const sent = 10_000
    let next = 0
    // So long that those of one turn are more than a socket takes.
    const nextBody = (): string => `${next++}`.padStart(2 * KIB, '0')
    await using server = await serve({ handler: () => ({ status: 200, fields: [], body: nextBody() }) })
    const peer = await Peer.of(server)
    const { client, socket } = peer
    let [held, reads] = [0, 0]
    let isDone = false
    client.socket.on('data', (text) => {
      isDone = `${text}`.endsWith(`0${sent - 1}`)
      held = Math.max(held, socket.writableLength + socket.readableLength)
      client.socket.pause()
      // Time goes on, and does not count against somebody who reads. The server learns of it when the system has room again.
      if (reads++ % 20 === 0) server.sweep(1)
      setImmediate(() => client.socket.resume())
    })
    client.send(REQUEST.repeat(sent))
    await until(() => isDone)
    assert.deepEqual(
      bodiesOf(client.text).map(Number),
      Array.from({ length: sent }, (_, i) => i),
    )
    assert.ok(held <= 384 * KIB, `${held} octets are held`)
  }),
  attack('many requests at once let others have their turn', async (serve) => {
    const sent = 5000
    let [inTurn, most, running] = [0, 0, true]
    await using server = await serve({
      handler: ({ body }) => {
        most = Math.max(most, ++inTurn)
        return { status: 200, fields: [], body: body.toString() }
      },
    })
    const onTurn = (): void => {
      inTurn = 0
      if (running) setImmediate(onTurn)
    }
    onTurn()
    const { client } = await Peer.of(server)
    client.send(Array.from({ length: sent }, (_, i) => post(`${i}`)).join(''))
    try {
      await until(() => server.answered.times === sent && bodiesOf(client.text).length === sent)
    } finally {
      running = false
    }
    assert.deepEqual(
      bodiesOf(client.text),
      Array.from({ length: sent }, (_, i) => `${i}`),
    )
    // What is read again in one turn of the event loop counts for it as well.
    assert.ok(most <= 4 * FAST_LIMITS.turnMax, `${most} are answered before others have their turn`)
  }),
  attack('requests while an answer is waited for', async (serve) => {
    await using server = await serve({ handler: () => new Promise(() => {}) })
    const { client, socket } = await Peer.of(server)
    client.send(REQUEST.repeat(MANY))
    await stillness(() => socket.bytesRead)
    assert.ok(socket.readableLength <= 192 * KIB, `${socket.readableLength} octets of requests are held`)
  }),
  attack('octets of all connections of one address', async (serve) => {
    await using server = await serve({ limits: { heldMax: 100 * KIB } })
    const part = post('x'.repeat(50 * KIB)).slice(0, -1)
    const [first, second] = [await Peer.of(server), await Peer.of(server)]
    await first.send(part)
    await second.send(part)
    await second.closed()
    assert.deepEqual(server.cut, ['octets'])
    assert.equal(first.socket.destroyed, false)
    // What has left is not counted any more.
    first.client.socket.resetAndDestroy()
    await first.closed()
    for (let i = 0; i < 4; i++) {
      const peer = await Peer.of(server)
      await peer.send(part)
      assert.equal(peer.socket.destroyed, false)
      peer.client.socket.resetAndDestroy()
      await peer.closed()
    }
    assert.deepEqual(server.cut, ['octets'])
  }),
  attack('every form of smuggling is left to Node', async (serve) => {
    await using server = await serve()
    const random = randomOf(1)
    const draft = {
      line: 'POST /v1/consume HTTP/1.1',
      fields: ['Host: a', 'Content-Type: application/json', 'Content-Length: 1'],
      body: 'a',
    }
    let count = 0
    for (const { about, apply } of HOSTILE.filter(({ expected }) => expected === 'foreign')) {
      const changed = apply(draft, random)
      const { client } = await Peer.of(server)
      client.send(Buffer.from(typeof changed === 'string' ? changed : textOf(changed), 'latin1'))
      await until(() => server.handedOver.length > count || server.answered.times > 0)
      assert.equal(server.answered.times, 0, about)
      client.socket.destroy()
      count++
      await turn()
    }
  }),
]
