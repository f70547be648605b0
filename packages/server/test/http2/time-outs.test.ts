import { describe, expect, it } from 'vitest'
import { FakeSocket } from './fake-socket.ts'
import { OK, Wire, wire } from './wire.ts'
import {
  data,
  END_STREAM,
  frame,
  POST,
  PREFACE,
  ping,
  settings,
  settingsAck,
  windowUpdate,
} from './wire-frames.ts'

const QUIET = { ...POST, ':path': '/quiet' }

describe('a client has 10 seconds', () => {
  it.each<[string, readonly Buffer[], string]>([
    ['to say something', [], 'GOAWAY 0 PROTOCOL_ERROR'],
    ['for the whole preface', [PREFACE.subarray(0, 10)], 'GOAWAY 0 PROTOCOL_ERROR'],
    ['for its settings', [PREFACE], 'GOAWAY 0 PROTOCOL_ERROR'],
    ['to acknowledge ours', [PREFACE, settings()], 'GOAWAY 0 SETTINGS_TIMEOUT'],
  ])('%s', async (_name, said, end) => {
    const client = await new Wire().connect()
    await client.say(...said)
    expect(await client.pass(10)).toEqual([])
    expect(client.hasEnded).toBe(false)
    expect(await client.pass(1)).toEqual([end])
    expect(client.hasEnded).toBe(true)
  })

  it('for a frame, however it comes in pieces', async () => {
    const client = await wire()
    const octets = data(1, 'never whole')
    for (let i = 0; i < 11; i++) {
      expect(await client.say(octets.subarray(i, i + 1))).toEqual([])
      client.time.pass(1)
    }
    expect(await client.pass(1)).toEqual(['GOAWAY 0 ENHANCE_YOUR_CALM'])
  })

  it('for a header block', async () => {
    const client = await wire()
    await client.say(frame({ type: 'HEADERS', on: 1, payload: client.speaker.block(POST) }))
    expect(await client.pass(10)).toEqual([])
    expect(await client.pass(1)).toEqual(['GOAWAY 0 ENHANCE_YOUR_CALM'])
  })

  it('but not while we do not read, since it does not', async () => {
    const client = await wire({}, [4, 1 << 20])
    await client.say(client.speaker.get(1, { ':path': '/quiet' }), windowUpdate(0, 1 << 20))
    client.socket.isLazy = true
    await client.say(ping().subarray(0, 9))
    client.notes.stream('/quiet').respond(OK, Buffer.alloc(400_000), null)
    await client.hear()
    expect(client.socket.isPaused()).toBe(true)
    client.time.pass(29)
    while (client.socket.takeOne()) await client.hear()
    client.socket.isLazy = false
    expect(await client.pass(1)).toEqual([])
    expect(await client.say(ping().subarray(9))).toEqual(['PING ACK pingpong'])
  })

  it('for each frame anew', async () => {
    const client = await wire()
    const [one, two] = [ping().subarray(0, 9), ping().subarray(9)]
    await client.say(one)
    for (let i = 0; i < 10; i++) {
      client.time.pass(5)
      expect(await client.say(two, one)).toEqual(['PING ACK pingpong'])
    }
    expect(client.hasEnded).toBe(false)
  })
})

describe('a request has to be whole in time', () => {
  it('and is reset where it is not', async () => {
    const client = await wire({ limits: { requestTimeoutMs: 5000 } })
    await client.say(client.speaker.headers(1, QUIET), data(1, 'half'))
    expect(await client.pass(5)).toEqual([])
    expect(await client.pass(1)).toEqual(['RST_STREAM 1 CANCEL'])
    expect(client.notes.notes.at(-1)).toBe('aborted /quiet')
  })

  it('unless it is held by its handler, or whole and only its answer takes long', async () => {
    const client = await wire({ limits: { requestTimeoutMs: 5000 } })
    client.notes.whenRequested = (stream, { path }) => {
      if (path === '/quiet') stream.hold()
    }
    await client.say(client.speaker.headers(1, QUIET), client.speaker.get(3, { ':path': '/quiet/3' }))
    expect(await client.pass(50)).toEqual([])
    expect(client.notes.notes.some((note) => note.startsWith('aborted'))).toBe(false)
  })
})

describe('a silent client', () => {
  it('is asked whether it is there, and lives on where it answers', async () => {
    const client = await wire()
    expect(await client.pass(60)).toEqual([])
    const asked = await client.pass(1)
    expect(asked).toEqual(['PING 4000000000000000'])
    const answer = frame({ type: 'PING', flags: 1, payload: Buffer.from('4000000000000000', 'hex') })
    client.time.pass(20)
    expect(await client.say(answer)).toEqual([])
    expect(await client.pass(60)).toEqual([])
    expect(await client.pass(1)).toEqual(asked)
  })

  it('is cut off where it does not', async () => {
    const client = await wire()
    await client.say(client.speaker.get(1, { ':path': '/quiet' }))
    await client.pass(61 + 20)
    expect(client.socket.destroyed).toBe(false)
    await client.pass(1)
    expect(client.socket.destroyed).toBe(true)
    expect(client.notes.notes.at(-1)).toBe('aborted /quiet')
  })

  it('is not blamed for a stall of ours', async () => {
    const client = await wire()
    await client.say(client.speaker.headers(1, QUIET))
    client.time.nowMs += 3_600_000
    // However long nothing ran here, it counts as the one second of which the sweep was told.
    expect(await client.pass(1)).toEqual([])
    expect(await client.say(data(1, 'hi', END_STREAM))).toEqual([])
    expect(client.notes.notes.at(-1)).toBe('end /quiet')
  })
})

describe('a client that does not take its answers', () => {
  it('is cut off after 30 seconds in which the system took nothing', async () => {
    const client = await wire()
    client.socket.isLazy = true
    client.socket.push(client.speaker.post(1, 'one'))
    client.socket.push(client.speaker.post(3, 'two'))
    client.time.pass(29)
    // One write of two is progress.
    client.socket.takeOne()
    await client.pass(30)
    expect(client.socket.destroyed).toBe(false)
    await client.pass(2)
    expect(client.socket.destroyed).toBe(true)
  })

  it('loses an answer after 30 seconds in which it opened no window', async () => {
    const client = await wire({}, [4, 2])
    await client.say(client.speaker.post(1, 'four'))
    expect(await client.pass(30)).toEqual([])
    expect(await client.pass(1)).toEqual(['RST_STREAM 1 ENHANCE_YOUR_CALM'])
  })

  it('loses it, too, where ever more is written to it', async () => {
    const client = await wire({}, [4, 2])
    await client.say(client.speaker.get(1, { ':path': '/quiet' }))
    const stream = client.notes.stream('/quiet')
    stream.open(OK)
    const heard: string[] = []
    for (let i = 0; i < 32; i++) {
      stream.write(Buffer.from('tick'))
      heard.push(...(await client.pass(1)))
    }
    expect(heard).toEqual(['HEADERS 1 :status=200', 'DATA 1 2', 'RST_STREAM 1 ENHANCE_YOUR_CALM'])
    expect(client.notes.notes.at(-1)).toBe('aborted /quiet')
  })

  it('loses none that windows are opened for now and then', async () => {
    const client = await wire({}, [4, 2])
    client.notes.whenRequested = (stream) => stream.respond(OK, Buffer.alloc(10), null)
    await client.say(client.speaker.get(1))
    for (let i = 0; i < 7; i++) {
      client.time.pass(30)
      expect(await client.say(ping(), windowUpdate(1, 1))).toContain('DATA 1 1')
    }
    expect(await client.say(windowUpdate(1, 1))).toEqual(['DATA 1 1 END'])
  })
})

describe('the age of a connection', () => {
  const limits = { ageMs: 1000_000, ageGraceMs: 10_000, keepaliveMs: 10_000_000 }
  const goaway = /^GOAWAY 2147483647 NO_ERROR$/

  it('ends it after that, give or take a tenth, and what is under way has a grace', async () => {
    const ages = new Set<number>()
    for (let i = 0; i < 20; i++) {
      const client = await wire({ limits })
      await client.say(client.speaker.get(1, { ':path': '/quiet' }))
      let age = 0
      while (!(await client.pass(1)).some((text) => goaway.test(text))) age += 1
      expect(age).toBeGreaterThanOrEqual(900)
      expect(age).toBeLessThanOrEqual(1100)
      ages.add(age)
      expect(await client.pass(4)).toEqual(['GOAWAY 1 NO_ERROR'])
      await client.pass(6)
      expect(client.hasEnded).toBe(false)
      await client.pass(1)
      expect(client.hasEnded).toBe(true)
      expect(client.notes.notes.at(-1)).toBe('aborted /quiet')
    }
    expect(ages.size).toBeGreaterThan(1)
  })

  it('is left out where a handler keeps the connection', async () => {
    const client = await wire({ limits })
    client.notes.whenRequested = (stream) => stream.keepConnection()
    await client.say(client.speaker.get(1))
    expect(await client.pass(2000)).toEqual([])
  })

  it('is left out where the client has no address', async () => {
    const socket = Object.defineProperty(new FakeSocket(), 'remoteAddress', { value: undefined })
    const client = await wire({ limits, socket })
    expect(await client.pass(2000)).toEqual([])
  })
})

describe('the sweep of a server', () => {
  it('is made while there are connections', async () => {
    const client = new Wire()
    expect(client.time.isWatched).toBe(false)
    await client.connect()
    expect(client.time.isWatched).toBe(true)
    client.socket.destroy()
    await client.hear()
    expect(client.time.isWatched).toBe(false)
    const other = new Wire({ server: client.server, time: client.time })
    await other.connect()
    await other.say(PREFACE, settings(), settingsAck())
    expect(client.time.isWatched).toBe(true)
  })
})
