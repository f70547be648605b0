import { describe, expect, it } from 'vitest'
import { Http2Server } from '../../src/http2/http2-server.ts'
import { FakeSocket } from './fake-socket.ts'
import { LIMITS, ManualTime, NotingHandler, OK, rethrow, type Wire, wire } from './wire.ts'
import {
  data,
  END_STREAM,
  frame,
  POST,
  ping,
  rstStream,
  type Speaker,
  settings,
  settingsAck,
  windowUpdate,
} from './wire-frames.ts'

const QUIET = { ...POST, ':path': '/quiet' }
const repeat = <T>(times: number, of: (i: number) => T): T[] => Array.from({ length: times }, (_, i) => of(i))
/** The identifier of the nth stream. */
const nth = (n: number): number => 2 * n + 1
const count = (heard: readonly string[], what: RegExp): number =>
  heard.filter((text) => what.test(text)).length

describe('the budget of a connection', () => {
  it.each<[string, number, (speaker: Speaker, i: number) => Buffer]>([
    ['PING', 2000, () => ping()],
    ['SETTINGS', 222, (_, i) => settings([4, i % 2 === 0 ? 0 : 65_535])],
    ['acknowledgements of nothing', 2000, () => settingsAck()],
    [
      'answers to PINGs that nobody made',
      2000,
      () => frame({ type: 'PING', flags: 1, payload: Buffer.alloc(8) }),
    ],
    ['PRIORITY', 2000, () => frame({ type: 'PRIORITY', on: 1, payload: Buffer.alloc(5) })],
    ['WINDOW_UPDATE', 2000, () => windowUpdate(0, 1)],
    ['GOAWAY', 2000, () => frame({ type: 'GOAWAY', payload: Buffer.alloc(8) })],
    ['unknown frames', 2000, () => frame({ type: 0xbe })],
    [
      'requests that make us reset them',
      222,
      (speaker, i) => Buffer.concat([speaker.get(nth(i), { ':path': '/quiet' }), windowUpdate(nth(i), 0)]),
    ],
    ['malformed requests', 250, (speaker, i) => speaker.headers(nth(i), { ':path': '/' })],
  ])('ends a flood of %s after %d', async (_name, most, make) => {
    const client = await wire()
    // The settings of the greeting are paid for, too.
    client.time.pass(1)
    const { speaker } = client
    await client.say(...repeat(most, (i) => make(speaker, i)))
    expect(client.hasEnded).toBe(false)
    const heard = await client.say(make(speaker, most))
    expect(heard.at(-1)).toMatch(/^GOAWAY \d+ ENHANCE_YOUR_CALM$/)
    expect(client.hasEnded).toBe(true)
  })

  it('ends a flood of empty DATA', async () => {
    const client = await wire()
    const heard = await client.say(client.speaker.headers(1, QUIET), ...repeat(2000, () => data(1, '')))
    expect(heard).toEqual(['GOAWAY 1 ENHANCE_YOUR_CALM'])
    expect(client.notes.notes).toEqual(['request /quiet', 'aborted /quiet'])
  })

  it('is refilled by time', async () => {
    const client = await wire()
    for (let i = 0; i < 20; i++) {
      await client.say(...repeat(200, () => ping()))
      client.time.pass(1)
    }
    expect(client.hasEnded).toBe(false)
  })

  it('is refilled by answers, but saves nothing up', async () => {
    const client = await wire()
    const { speaker } = client
    for (let i = 0; i < 2000; i += 100) {
      await client.say(...repeat(100, (j) => Buffer.concat([speaker.get(nth(i + j)), ping(), ping()])))
    }
    expect(client.hasEnded).toBe(false)
    expect((await client.say(...repeat(2001, () => ping()))).at(-1)).toMatch(/ENHANCE_YOUR_CALM/)
  })

  it('takes nothing for requests that were given up after a while, as deadlines do', async () => {
    const client = await wire()
    const { speaker } = client
    for (let i = 0; i < 5000; i += 100) {
      await client.say(...repeat(100, (j) => speaker.headers(nth(i + j), QUIET)))
      client.time.nowMs += 20
      await client.say(...repeat(100, (j) => rstStream(nth(i + j))))
    }
    expect(client.hasEnded).toBe(false)
    expect(await client.say(speaker.post(nth(5000), 'hi'))).toHaveLength(3)
  })

  it('ends a flood of requests that are given up at once after 500, and 6400 a second', async () => {
    const flood = async (client: Wire, first: number, times: number): Promise<string[]> =>
      await client.say(
        ...repeat(times, (i) => client.speaker.headers(nth(first + i), QUIET)).flatMap((octets, i) => [
          octets,
          rstStream(nth(first + i)),
        ]),
      )
    const young = await wire()
    await flood(young, 0, 498)
    expect(young.hasEnded).toBe(false)
    expect(await flood(young, 498, 1)).toEqual(['GOAWAY 997 ENHANCE_YOUR_CALM'])
    const old = await wire()
    await old.pass(3)
    await flood(old, 0, 6900)
    expect(old.hasEnded).toBe(false)
    await old.pass(1)
    await flood(old, 6900, 6400)
    expect(old.hasEnded).toBe(false)
    expect((await flood(old, 13_300, 100)).at(-1)).toMatch(/ENHANCE_YOUR_CALM/)
  })

  it('takes nothing for what was given up while we stalled, by a client with deadlines of 20 ms', async () => {
    const client = await wire({ limits: { streamsMax: 128 } })
    const { speaker, notes } = client
    // Redis is asked, whether the caller waits or not.
    notes.whenRequested = (stream) => {
      stream.isBusy = true
    }
    let next = 0
    for (let round = 0; round < 2; round++) {
      await client.pass(1)
      // A second, in which nothing was read: each call went whole, and was given up.
      const calls = repeat(50, (i) => i).flatMap((i) => [
        ...repeat(128, (j) => nth(next + 128 * i + j)).map((on) =>
          Buffer.concat([speaker.headers(on, QUIET), data(on, 'hi', END_STREAM)]),
        ),
        ...repeat(128, (j) => rstStream(nth(next + 128 * i + j))),
      ])
      next += 50 * 128
      await client.say(...calls)
      expect(client.hasEnded).toBe(false)
      for (const stream of notes.streams.values()) stream.isBusy = false
    }
  })

  it('takes nothing for whole requests that are refused while work goes on for those that were given up', async () => {
    const client = await wire({ limits: { streamsMax: 1 } })
    const { speaker, notes } = client
    notes.whenRequested = (stream) => {
      stream.isBusy = true
    }
    await client.say(speaker.headers(1, QUIET), rstStream(1))
    const heard = await client.say(
      ...repeat(20_000, (i) => i + 1).flatMap((i) => [
        speaker.headers(nth(i), QUIET),
        data(nth(i), 'hi', END_STREAM),
      ]),
    )
    expect(count(heard, /REFUSED_STREAM$/)).toBe(20_000)
    // Once for each.
    const again = repeat(2001, () => data(nth(1), 'hi', END_STREAM))
    expect((await client.say(...again)).at(-1)).toMatch(/ENHANCE_YOUR_CALM/)
  })

  it('takes more for more settings', async () => {
    const client = await wire()
    const many = settings(...repeat(2730, (i) => [4, i] as const))
    expect(await client.say(many)).toEqual(['GOAWAY 0 ENHANCE_YOUR_CALM'])
  })
})

describe('the streams of a connection', () => {
  it('are refused beyond the most, and there is room again once some have ended', async () => {
    const client = await wire({ limits: { streamsMax: 2 } })
    const { speaker } = client
    await client.say(speaker.headers(1, QUIET), speaker.headers(3, QUIET))
    expect(await client.say(speaker.post(5, 'hi'))).toEqual(['RST_STREAM 5 REFUSED_STREAM'])
    expect(await client.say(rstStream(1), speaker.post(7, 'hi'))).toHaveLength(3)
  })

  it('may all be under way at once', async () => {
    const client = await wire()
    const heard = await client.say(
      ...repeat(128, (i) => client.speaker.get(nth(i), { ':path': `/quiet${i}` })),
    )
    expect(heard).toEqual([])
    for (let i = 0; i < 128; i++) client.notes.stream(`/quiet${i}`).respond(OK, null, null)
    expect(await client.hear()).toHaveLength(128)
  })

  it('may be a thousand before the client knows that there may not be so many', async () => {
    const client = await wire()
    const heard = await client.say(
      ...repeat(1000, (i) => client.speaker.get(nth(i), { ':path': `/quiet${i}` })),
    )
    expect(count(heard, /REFUSED_STREAM$/)).toBe(1000 - 128)
    expect(heard).toHaveLength(1000 - 128)
    for (let i = 0; i < 128; i++) client.notes.stream(`/quiet${i}`).respond(OK, null, null)
    expect(await client.hear()).toHaveLength(128)
  })

  it('keep their place after their end while work goes on for them', async () => {
    const client = await wire({ limits: { streamsMax: 2 } })
    const { speaker, notes } = client
    notes.whenRequested = (stream) => {
      stream.isBusy = true
    }
    await client.say(
      speaker.headers(1, QUIET),
      rstStream(1),
      speaker.headers(3, { ...QUIET, ':path': '/quiet/3' }),
    )
    expect(await client.say(speaker.headers(5, QUIET))).toEqual(['RST_STREAM 5 REFUSED_STREAM'])
    notes.stream('/quiet').isBusy = false
    // It is given up once only.
    notes.stream('/quiet').isBusy = true
    notes.stream('/quiet').isBusy = false
    await client.say(speaker.headers(7, { ...QUIET, ':path': '/quiet/7' }))
    expect(await client.say(speaker.headers(9, QUIET))).toEqual(['RST_STREAM 9 REFUSED_STREAM'])
    expect(notes.notes.filter((note) => note.startsWith('request'))).toHaveLength(3)
  })

  it('cost nothing where only such are in the way that work goes on for', async () => {
    const client = await wire({ limits: { streamsMax: 1 } })
    const { speaker, notes } = client
    notes.whenRequested = (stream) => {
      stream.isBusy = true
    }
    await client.say(speaker.headers(1, QUIET), rstStream(1))
    const heard = await client.say(...repeat(3000, (i) => speaker.headers(nth(i + 1), QUIET)))
    expect(count(heard, /REFUSED_STREAM$/)).toBe(3000)
  })
})

describe('octets held for a client', () => {
  const MANY = Buffer.alloc(499_000)
  const shed = /^RST_STREAM \d+ ENHANCE_YOUR_CALM$/
  const refused = /^RST_STREAM \d+ REFUSED_STREAM$/

  /** Has as many answers of 499 kB made, and reads nothing of them. */
  const askMany = async (client: Wire, times: number): Promise<string[]> => {
    client.notes.whenRequested = (stream) => stream.respond(OK, MANY, null)
    return await client.say(...repeat(times, (i) => client.speaker.get(nth(i))))
  }

  it('are no more than 4 MiB of answers that wait', async () => {
    const client = await wire({}, [4, 0])
    expect(count(await askMany(client, 100), shed)).toBe(100 - 8)
    // What is sent makes room.
    expect(
      count(await client.say(windowUpdate(0, 500_000), windowUpdate(1, 500_000)), /^DATA 1/),
    ).toBeGreaterThan(30)
    expect(await client.say(client.speaker.get(1001))).toEqual(['HEADERS 1001 :status=200'])
  })

  it('are shed where a client reads slowly, who keeps its connection', async () => {
    const client = await wire({}, [4, 1 << 24])
    await client.say(
      windowUpdate(0, 1 << 24),
      ...repeat(20, (i) => client.speaker.get(nth(i), { ':path': `/quiet${i}` })),
    )
    client.socket.isLazy = true
    for (let i = 0; i < 20; i++) client.notes.stream(`/quiet${i}`).respond(OK, MANY, null)
    const heard = await client.hear()
    while (client.socket.takeOne()) heard.push(...(await client.hear()))
    const answered = count(heard, / END$/)
    expect(answered).toBeGreaterThan(7)
    expect(count(heard, shed)).toBe(20 - answered)
    expect(client.listener.body(1).length).toBe(MANY.length)
    expect(client.hasEnded).toBe(false)
  })

  it('are no more than 4 MiB of requests that are not whole, and others are taken', async () => {
    const client = await wire()
    const { speaker } = client
    const pieces = repeat(3, () => Buffer.alloc(16_384))
    const body = (on: number): Buffer => Buffer.concat(pieces.map((piece) => data(on, piece)))
    const all = repeat(100, (i) => Buffer.concat([speaker.headers(nth(i), QUIET), body(nth(i))]))
    const heard = await client.say(...all)
    // 83 times 3 pieces with 1 KiB and the fields of each, and one piece of one more.
    expect(count(heard, refused)).toBe(100 - 83)
    expect(client.notes.notes.filter((note) => note.startsWith('aborted'))).toHaveLength(17)
    expect(await client.say(speaker.post(201, 'hi'))).toHaveLength(3)
    // Those that are whole make room, and those that are given up.
    await client.say(data(1, '', END_STREAM))
    expect(await client.say(speaker.headers(203, QUIET), body(203))).toEqual(['WINDOW_UPDATE 203 32768'])
    await client.say(rstStream(3))
    expect(await client.say(speaker.headers(205, QUIET), body(205))).toEqual(['WINDOW_UPDATE 205 32768'])
  })

  it('are no more than 32 MiB for a peer, on all of its connections', async () => {
    const time = new ManualTime()
    const notes = new NotingHandler()
    const server = new Http2Server(notes, LIMITS, { clock: time, onFault: rethrow })
    notes.whenRequested = (stream) => stream.respond(OK, MANY, null)
    const connect = async (address: string): Promise<Wire> =>
      await wire({ server, time, socket: new FakeSocket(address) }, [4, 0])
    const ask = async (client: Wire): Promise<number> =>
      count(await client.say(...repeat(8, (i) => client.speaker.get(nth(i)))), shed)

    const clients: Wire[] = []
    let refused = 0
    for (let i = 0; i < 10; i++) {
      const client = await connect('192.0.2.1')
      clients.push(client)
      refused += await ask(client)
    }
    // Each request takes 1 KiB itself, and its fields.
    expect(80 - refused).toBe(Math.floor((32 * 1024 * 1024) / (499_000 + 1024 + 40)))
    const other = await connect('192.0.2.2')
    expect(await ask(other)).toBe(0)
    // There is no room for a frame that comes in pieces, either.
    const late = await Promise.all(repeat(5, async () => await connect('192.0.2.1')))
    for (const client of late) await client.say(data(1, Buffer.alloc(16_384)).subarray(0, 16_000))
    expect(late.map(({ socket }) => socket.destroyed)).toEqual([false, false, false, false, true])
    // But for half a frame, such as every read may end with.
    const few = await connect('192.0.2.1')
    await few.say(data(1, Buffer.alloc(4000)).subarray(0, 4000))
    expect(few.socket.destroyed).toBe(false)
    // A connection that has ended holds nothing.
    clients[0]?.socket.destroy()
    expect(await ask(await connect('192.0.2.1'))).toBe(0)
    server.destroy()
  })
})

describe('a client that does not read', () => {
  it('is not read from until it does', async () => {
    const client = await wire()
    const { socket, speaker } = client
    await client.say(windowUpdate(0, 10_000_000))
    socket.isLazy = true
    let said = 0
    const sayMore = (): void => {
      socket.push(Buffer.concat(repeat(100, (i) => speaker.post(nth(said + i), 'x'.repeat(200)))))
      said += 100
    }
    while (!socket.isPaused() && said < 10_000) sayMore()
    expect(socket.writableLength).toBeGreaterThan(256 * 1024)
    expect(socket.writableLength).toBeLessThan(300 * 1024)
    const taken = client.notes.notes.length
    sayMore()
    expect(client.notes.notes).toHaveLength(taken)
    const heard: string[] = []
    while (socket.takeOne()) heard.push(...(await client.hear()))
    expect(count(heard, /end=yes END$/)).toBe(said)
    expect(socket.isPaused()).toBe(false)
  })
})
