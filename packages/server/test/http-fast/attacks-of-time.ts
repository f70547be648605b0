/** Clients that take their time: each is let alone until that is over, and no longer. Time is sweeps, done by hand. */
import assert from 'node:assert/strict'
import { type Attack, attack, LIMITS, Peer, staysOpen, until } from './attacks-peer.ts'
import { type FastServer, post } from './fast-server.ts'

const REQUEST = post('a')
const LATE = /408 Request Timeout\r\nConnection: close\r\n\r\n$/

export const ATTACKS_OF_TIME: readonly Attack[] = [
  part('silence', ''),
  part('half a line', REQUEST.slice(0, 10)),
  part('half a header', REQUEST.slice(0, 60)),
  part('half a body', REQUEST.slice(0, -1)),
  part('half a request behind a whole one', REQUEST + REQUEST.slice(0, 60)),
  attack('silence after an answer', async (serve) => {
    await using server = await serve()
    const peer = await Peer.of(server)
    await peer.send(REQUEST)
    await peer.says('\r\n\r\na')
    server.sweep(LIMITS.idleSweeps)
    await staysOpen(peer)
    server.sweep(1)
    assert.match(await peer.ended(), /\r\n\r\na$/)
    await lingers(server, peer)
  }),
  attack('parts that come just in time', async (serve) => {
    await using server = await serve()
    const peer = await Peer.of(server)
    for (let i = 0; i <= LIMITS.requestSweeps; i++) {
      await peer.send(REQUEST.slice(10 * i, 10 * i + 10))
      await staysOpen(peer)
      server.sweep(1)
    }
    assert.match(await peer.ended(), LATE)
  }),
  attack('a request in parts that are honest has its whole time after an answer', async (serve) => {
    await using server = await serve()
    const peer = await Peer.of(server)
    for (let i = 0; i < 4; i++) {
      await peer.send(REQUEST.slice(0, 30))
      server.sweep(LIMITS.requestSweeps)
      await staysOpen(peer)
      await peer.send(REQUEST.slice(30))
      server.sweep(LIMITS.idleSweeps)
      await staysOpen(peer)
    }
    assert.equal(server.answered.times, 4)
  }),
  attack('a client that sends on after its last answer', async (serve) => {
    await using server = await serve({
      handler: () => ({ status: 200, fields: [['connection', 'close']], body: 'last' }),
    })
    const peer = await Peer.of(server)
    await peer.send(REQUEST.repeat(3))
    assert.match(await peer.ended(), /last$/)
    for (let i = 0; i < LIMITS.lingerSweeps; i++) {
      await peer.send(REQUEST)
      server.sweep(1)
      assert.equal(peer.socket.destroyed, false)
    }
    server.sweep(1)
    await peer.closed()
    assert.equal(server.answered.times, 1)
    assert.equal(peer.client.text.match(/last/g)?.length, 1)
  }),
]

/** A client that sends this and no more; it is told so when its time is over. */
function part(name: string, sent: string): Attack {
  return attack(name, async (serve) => {
    await using server = await serve()
    const peer = await Peer.of(server)
    if (sent !== '') await peer.send(sent)
    server.sweep(LIMITS.requestSweeps)
    await staysOpen(peer)
    server.sweep(1)
    assert.match(await peer.ended(), LATE)
    await lingers(server, peer)
  })
}

/** A client that does not leave when it was told to is dropped. */
async function lingers(server: FastServer, peer: Peer): Promise<void> {
  await until(() => peer.socket.writableFinished)
  assert.equal(peer.socket.destroyed, false)
  server.sweep(LIMITS.lingerSweeps)
  assert.equal(peer.socket.destroyed, false)
  server.sweep(1)
  await peer.closed()
}
