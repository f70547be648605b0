/** What a client may have held for it, and for how long. */
import { describe, expect, it } from 'vitest'
import { AttackStage } from './attack-stage.ts'
import { livingBytes } from './living-bytes.ts'
import { type MemoryClient, turn } from './memory-client.ts'
import {
  block,
  continuation,
  data,
  END_HEADERS,
  END_STREAM,
  type Field,
  FRAME,
  frameHead,
  headers,
  keptBlock,
  PREFACE,
  ping,
  post,
  request,
  SETTING,
  settings,
  windowUpdate,
} from './octets.ts'
import { outcome } from './probe.ts'

const MIB = 2 ** 20
const LARGE = 2 ** 30
const NEVER: Field = [':path', '/never']

/** Sends pieces until the server ends the connection; returns how many it took. */
async function untilEnd(
  client: MemoryClient,
  piece: (count: number) => Buffer,
  most: number,
): Promise<number> {
  let count = 0
  for (; client.endCode === null && count < most; count++) {
    client.send(piece(count))
    if (count % 50 === 0) await turn()
    client.look()
  }
  return count
}

function streamOf(count: number): number {
  return 1 + 2 * count
}

describe('an attack on memory:', () => {
  it('a header block without end is given up after 8 frames', async () => {
    using stage = new AttackStage()
    const client = await stage.greeted()
    client.send(headers(1, '', END_STREAM))
    expect(await untilEnd(client, () => continuation(1, '', 0), 100)).toBe(9)
    expect(client.endCode).toBe('ENHANCE_YOUR_CALM')
    await stage.answersOthers()
  })

  it('and after 128 KiB', async () => {
    using stage = new AttackStage()
    const client = await stage.greeted()
    const part = block(['x', 'y'.repeat(16_000)])
    client.send(headers(1, part, END_STREAM))
    expect(await untilEnd(client, () => continuation(1, part, 0), 100)).toBe(8)
    expect(client.endCode).toBe('ENHANCE_YOUR_CALM')
  })

  it('a large field that is named over and over is counted before it is kept, and not forever', async () => {
    using stage = new AttackStage()
    const client = await stage.greeted()
    client.send(headers(1, Buffer.concat([request(), keptBlock(['bomb', 'x'.repeat(4000)])])))
    const before = livingBytes()
    const bomb = Buffer.concat([request(), Buffer.alloc(16_000, 0xbe)])
    const requests = await untilEnd(client, (count) => headers(streamOf(count + 1), bomb), 5000)
    expect(livingBytes() - before).toBeLessThan(8 * MIB)
    expect(client.endCode).toBe('ENHANCE_YOUR_CALM')
    expect(requests).toBeLessThanOrEqual(500)
    expect(stage.handler.requests, 'nobody sees them').toBe(1)
    await stage.answersOthers()
  })

  it('a table that changes with each field holds no more for that', async () => {
    using stage = new AttackStage()
    const client = await stage.greeted()
    const before = livingBytes()
    let at = 0
    for (let count = 0; count < 150; count++) {
      const fields = Array.from({ length: 200 }, () => [`k${at++}`, 'v'] as const)
      client.send(headers(streamOf(count), Buffer.concat([request(), keptBlock(...fields)])))
    }
    await turn()
    client.look()
    expect(client.isAnswered(streamOf(149))).toBe(true)
    client.frames.length = 0
    client.socket.taken.length = 0
    expect(livingBytes() - before).toBeLessThan(8 * MIB)
  })

  it('of 1,000 streams at once, 256 are taken, and the connection lives on', async () => {
    using stage = new AttackStage()
    const client = await stage.greeted()
    const all = Array.from({ length: 1000 }, (_, count) => headers(streamOf(count), request(NEVER)))
    client.send(...all)
    await turn()
    client.look()
    expect(client.endCode).toBeNull()
    expect(client.of(FRAME.RST_STREAM)).toHaveLength(744)
    expect(stage.handler.open.size).toBe(256)
  })

  it('a burst that was sent before our settings could be known is no offence', async () => {
    using stage = new AttackStage()
    const client = await stage.connect()
    const all = Array.from({ length: 1500 }, (_, count) => headers(streamOf(count), request(NEVER)))
    client.send(PREFACE, settings(), ...all)
    await turn()
    client.look()
    expect(client.endCode).toBeNull()
  })

  it('bodies that are announced and not sent hold nothing', async () => {
    using stage = new AttackStage()
    const client = await stage.greeted()
    const before = livingBytes()
    for (let count = 0; count < 256; count++) {
      const length: Field = ['content-length', String(MIB)]
      client.send(headers(streamOf(count), post(NEVER, length), END_HEADERS))
    }
    await turn()
    expect(livingBytes() - before).toBeLessThan(4 * MIB)
    client.send(frameHead(FRAME.DATA, 0, 1, 16_384))
    expect(livingBytes() - before).toBeLessThan(4 * MIB)
  })

  it('bodies that have no end hold 4 MiB', async () => {
    using stage = new AttackStage()
    const client = await stage.greeted()
    for (let count = 0; count < 256; count++) {
      client.send(headers(streamOf(count), post(NEVER), END_HEADERS))
      for (let i = 0; i < 3; i++) client.send(data(streamOf(count), Buffer.alloc(16_384)))
    }
    await turn()
    client.look()
    const shed = client.of(FRAME.RST_STREAM).length
    expect(shed).toBeGreaterThan(150)
    expect(stage.handler.open.size).toBe(256 - shed)
    expect(stage.handler.open.size * 49_152).toBeLessThan(4.2 * MIB)
    await stage.answersOthers()
  })

  it('fields of requests that have no end hold 32 MiB for an address, on whatever connections', async () => {
    using stage = new AttackStage()
    const before = livingBytes()
    const clients: MemoryClient[] = []
    // Such as no block of fields is remembered for.
    const fields = post(NEVER, ['x', 'y'.repeat(15_000)])
    for (let i = 0; i < 20; i++) {
      const client = await stage.greeted()
      clients.push(client)
      for (let count = 0; count < 128; count++) client.send(headers(streamOf(count), fields, END_HEADERS))
      await turn()
      client.look()
    }
    expect(livingBytes() - before).toBeLessThan(48 * MIB)
    expect(stage.handler.open.size).toBeGreaterThan(1500)
    expect(stage.handler.open.size * 15_000).toBeLessThan(32 * MIB)
    // They may ask again, and nobody else has less.
    expect(clients.map(({ endCode }) => endCode)).toEqual(clients.map(() => null))
    expect(outcome(clients.at(-1)?.frames ?? [])).toMatch(/^(RST_STREAM \d+ REFUSED_STREAM(, )?){128}$/)
    expect(stage.server.counts.streams.octets).toBe(20 * 128 - stage.handler.open.size)
    await stage.answersOthers()
    for (const client of clients) client.leave()
    const client = await stage.greeted()
    client.send(headers(1, request()))
    await turn()
    client.look()
    expect(client.isAnswered(1)).toBe(true)
  })

  it.each(['whose window is closed', 'who does not read'])(
    'answers to somebody %s hold 4 MiB',
    async (whose) => {
      using stage = new AttackStage()
      const client = await stage.connect()
      client.greet([SETTING.INITIAL_WINDOW_SIZE, whose === 'who does not read' ? LARGE : 0])
      client.send(windowUpdate(0, LARGE))
      client.socket.isLazy = whose === 'who does not read'
      const before = livingBytes()
      for (let count = 0; count < 250; count++)
        client.send(headers(streamOf(count), request([':path', '/large/500000'])))
      await turn()
      expect(livingBytes() - before).toBeLessThan(12 * MIB)
      await stage.answersOthers()
      // The stalled answers are given up, and with them the connection or its streams.
      stage.clock.pass(120)
      await turn()
      expect(livingBytes() - before).toBeLessThan(4 * MIB)
    },
  )

  it('PINGs of somebody who does not read are not read', async () => {
    using stage = new AttackStage()
    const client = await stage.greeted()
    client.socket.isLazy = true
    const before = livingBytes()
    const many = Buffer.concat(Array.from({ length: 100 }, () => ping()))
    for (let i = 0; i < 1000; i++) {
      // As a system does that has no more room.
      if (!client.socket.isPaused()) client.socket.receive(many)
      if (i % 100 === 0) await turn()
    }
    expect(livingBytes() - before).toBeLessThan(4 * MIB)
    await stage.answersOthers()
  })
})

describe('a client that is silent', () => {
  const half = headers(1, request())
  const cases = [
    ['from the beginning', [], 20],
    ['within its preface', [PREFACE.subarray(0, 10)], 20],
    ['before its settings', [PREFACE], 20],
    ['within its settings', [PREFACE, settings().subarray(0, 5)], 20],
    ['within a header block', [PREFACE, settings(), headers(1, request(), END_STREAM)], 20],
    ['within a frame', [PREFACE, settings(), half.subarray(0, half.length - 5)], 20],
    ['and does not acknowledge settings', [PREFACE, settings(), headers(1, request(NEVER))], 60],
  ] as const

  it.each(cases)('%s is not waited for', async (_, octets, seconds) => {
    using stage = new AttackStage()
    const client = await stage.connect()
    client.send(...octets)
    await turn()
    expect(client.socket.hasEnded || client.socket.destroyed).toBe(false)
    stage.clock.pass(seconds)
    await turn()
    expect(client.socket.hasEnded || client.socket.destroyed).toBe(true)
    await stage.answersOthers()
  })

  it('within a request loses it, and not the connection', async () => {
    using stage = new AttackStage({ requestTimeoutMs: 30_000 })
    const client = await stage.greeted()
    client.send(headers(1, post(), END_HEADERS), data(1, '00'))
    stage.clock.pass(60)
    await turn()
    client.look()
    expect(outcome(client.frames)).toMatch(/^RST_STREAM 1/)
    client.send(headers(3, request()))
    await turn()
    client.look()
    expect(client.isAnswered(3)).toBe(true)
    expect(stage.handler.open.size).toBe(0)
  })

  it('otherwise is asked whether it is there, and then left', async () => {
    using stage = new AttackStage({ keepaliveMs: 30_000, keepaliveTimeoutMs: 10_000 })
    const [silent, alive] = [await stage.greeted(), await stage.greeted()]
    for (let seconds = 0; seconds < 200; seconds++) {
      stage.clock.pass(1)
      await turn()
      for (const client of [silent, alive]) client.look()
      answerPings(alive)
    }
    expect(silent.socket.hasEnded || silent.socket.destroyed).toBe(true)
    expect(alive.socket.hasEnded || alive.socket.destroyed).toBe(false)
  })
})

/** Answers all PINGs that came, once. */
function answerPings(client: MemoryClient): void {
  const asked = client.of(FRAME.PING).filter(({ flags }) => flags === 0)
  client.frames.length = 0
  client.send(...asked.map(({ payload }) => ping(payload.toString('latin1'), 1)))
}
