/** Sockets that take what is written late, in small parts, or both: no octet is lost, doubled, or of somebody else. */

import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectTls, createServer as createSecureServer } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { randomOf, seedOfRun } from '../../../limiter/test/parity/random.ts'
import { CERTIFICATES, pemOf } from '../protocol/secure-listener.ts'
import { AttackStage } from './attack-stage.ts'
import { checkOutput } from './check-output.ts'
import type { FrameLog } from './frame-log.ts'
import { type MemoryClient, turn } from './memory-client.ts'
import { headers, request, SETTING, windowUpdate } from './octets.ts'
import { bodyOf } from './probe-handler.ts'
import { ProbeServer } from './probe-server.ts'
import { RawClient } from './raw-client.ts'

const LARGE = 2 ** 30

describe('sockets that take their time', { timeout: 300_000 }, () => {
  it('of which a server writes to many at once get what is theirs', async () => {
    const random = randomOf(seedOfRun('lazy sockets'))
    using stage = new AttackStage()
    const connected = Array.from({ length: 20 }, () => stage.connect())
    const clients = (await Promise.all(connected)).map((client) => {
      client.greet([SETTING.INITIAL_WINDOW_SIZE, LARGE])
      client.send(windowUpdate(0, LARGE))
      client.socket.isLazy = true
      return { client, asked: new Map<number, number>(), next: 1 }
    })
    let [pauses, answers] = [0, 0]
    while (answers < 60_000) {
      const one = random.pick(clients)
      const asked = Array.from({ length: random.below(40) }, () =>
        ask(one, random.below(random.percent(5) ? 60_000 : 300)),
      )
      one.client.send(...asked)
      answers += asked.length
      for (let i = random.below(30); i > 0; i--) if (random.pick(clients).client.socket.takeOne()) pauses += 1
      if (random.percent(20)) await turn()
      stage.clock.pass(random.below(2))
    }
    for (const { client, asked } of clients) {
      pauses += await takeAll(client)
      checkOutput(client.socket.output())
      expect(client.endCode).toBeNull()
      for (const [stream, bytes] of asked) expectBody(client, stream, bytes)
    }
    expect(pauses).toBeGreaterThan(2500)
  })

  it.each(['plain', 'TLS'])('over %s get all of 30 MiB, however slowly they read', async (kind) => {
    await using server = new ProbeServer()
    const isPlain = kind === 'plain'
    const listener = isPlain
      ? undefined
      : createSecureServer({ ...pemOf(CERTIFICATES.server), ALPNProtocols: ['h2'] })
    const port = await server.listen(listener)
    const open = (): Duplex =>
      isPlain
        ? connect(port, '127.0.0.1')
        : connectTls({ port, host: '127.0.0.1', ca: CERTIFICATES.ca, ALPNProtocols: ['h2'] })
    const pauses = await Promise.all(Array.from({ length: 6 }, (_, i) => readSlowly(open(), i)))
    expect(pauses.reduce((sum, one) => sum + one)).toBeGreaterThan(200)
  })

  it('get an answer whose window opens octet by octet, beside others', async () => {
    await using server = await ProbeServer.listening()
    using client = server.connect()
    client.greet([SETTING.INITIAL_WINDOW_SIZE, 0])
    client.send(headers(1, request([':path', '/parts/1500'])))
    for (let sent = 0; sent < 1500; sent++) {
      client.send(windowUpdate(1, 1))
      // An honest client earns what it spends.
      const other = 3 + 2 * sent
      client.send(headers(other, request([':path', '/large/0'])))
      await client.until(() => client.isAnswered(other))
      expect(client.body(1).length).toBe(sent + 1)
    }
    await client.until(() => client.isAnswered(1))
    expect(client.body(1).equals(bodyOf(1500))).toBe(true)
  })
})

interface Asking {
  readonly client: MemoryClient
  readonly asked: Map<number, number>
  next: number
}

function ask(one: Asking, bytes: number): Buffer {
  const stream = one.next
  one.next += 2
  one.asked.set(stream, bytes)
  return headers(stream, request([':path', `/large/${bytes}`]))
}

function expectBody(log: FrameLog, stream: number, bytes: number): void {
  expect(log.body(stream).equals(bodyOf(bytes)), `the ${bytes} octets on stream ${stream}`).toBe(true)
}

/** Reads about 5 MiB, a little at a time: windows and kernel's buffers are small against what is asked for. */
async function readSlowly(socket: Duplex, nth: number): Promise<number> {
  using client = new RawClient(socket)
  client.greet([SETTING.INITIAL_WINDOW_SIZE, LARGE])
  client.send(windowUpdate(0, LARGE))
  let pauses = 0
  socket.on('data', () => {
    socket.pause()
    pauses += 1
    setImmediate(() => socket.resume())
  })
  for (let i = 0; i < 25; i++) {
    const streams = Array.from({ length: 4 }, (_, k) => 1 + 2 * (4 * i + k))
    const bytes = streams.map((stream) => 40_000 + 1000 * nth + stream)
    client.send(...streams.map((stream, k) => headers(stream, request([':path', `/large/${bytes[k]}`]))))
    await client.until(() => streams.every((stream) => client.isAnswered(stream)))
    for (const [k, stream] of streams.entries()) expectBody(client, stream, bytes[k] as number)
  }
  expect(client.endCode).toBeNull()
  return pauses
}

/** Takes all that waits, and all that waits for that. */
async function takeAll(client: MemoryClient): Promise<number> {
  let pauses = 0
  for (let isIdle = false; !isIdle; pauses++) {
    isIdle = !client.socket.takeOne()
    if (!isIdle) continue
    await turn()
    isIdle = !client.socket.takeOne()
  }
  client.look()
  return pauses
}
