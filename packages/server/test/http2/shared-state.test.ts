import { describe, expect, it } from 'vitest'
import { randomOf, seedOfRun } from '../../../limiter/test/parity/random.ts'
import type { HeaderField } from '../../src/http2/hpack/hpack-field.ts'
import type { Http2Handler, Http2Stream, RequestHead } from '../../src/http2/http2-handler.ts'
import { END, OK, wire } from './wire.ts'
import {
  data,
  END_HEADERS,
  END_STREAM,
  frame,
  POST,
  rstStream,
  settings,
  uint32,
  windowUpdate,
} from './wire-frames.ts'

/** `name` and `value` as a literal that goes into the table (RFC 7541, section 6.2.1). */
const kept = (name: string, value: string): Buffer =>
  Buffer.concat([
    Buffer.from([0x40, name.length]),
    Buffer.from(name),
    Buffer.from([value.length]),
    Buffer.from(value),
  ])
/** The field that went into the table last. */
const LAST_KEPT = Buffer.from([0x80 | 62])
const GET = Buffer.concat([
  Buffer.from([0x82, 0x86, 0x84]),
  Buffer.from([0x00, 10]),
  Buffer.from(':authority'),
  Buffer.from([1]),
  Buffer.from('a'),
])

const headers = (on: number, block: Buffer, flags = END_STREAM): Buffer =>
  frame({ type: 'HEADERS', flags: flags | END_HEADERS, on, payload: block })

describe('the table of fields', () => {
  const block = Buffer.concat([GET, kept('x-kept', 'yes')])
  const selfDependent = Buffer.concat([uint32(1), Buffer.alloc(1), block])
  const large = Array.from({ length: 140 }, () => kept('x-large', 'x'.repeat(100)))

  it.each<[string, readonly Buffer[]]>([
    ['is answered', [headers(1, block)]],
    ['is malformed', [headers(1, Buffer.concat([kept('x-kept', 'yes'), GET]))]],
    ['is refused beyond the most', [headers(1, GET, 0), headers(3, GET, 0), headers(5, block), rstStream(1)]],
    ['depends on itself', [frame({ type: 'HEADERS', flags: 0x25, on: 1, payload: selfDependent })]],
    ['has been reset by us', [headers(1, GET, 0), headers(1, GET, 0), headers(1, block)]],
    ['has been reset by its client', [headers(1, GET, 0), rstStream(1), headers(1, block)]],
    ['ends by trailers', [headers(1, GET, 0), headers(1, kept('x-kept', 'yes'))]],
    ['has too large a head', [headers(1, Buffer.concat([GET, ...large, kept('x-kept', 'yes')]))]],
  ])('is kept in step where a stream %s', async (_name, said) => {
    const client = await wire({ limits: { streamsMax: 2 } })
    await client.say(...said)
    await client.say(headers(101, Buffer.concat([GET, LAST_KEPT])))
    expect(client.notes.heads.at(-1)?.fields).toEqual([{ name: 'x-kept', value: 'yes' }])
  })

  it('is kept in step where a stream comes after our last GOAWAY', async () => {
    const client = await wire()
    await client.say(headers(1, GET, 0))
    client.server.drain()
    await client.say(frame({ type: 'PING', flags: 1, payload: Buffer.from('3ff0000000000000', 'hex') }))
    expect(await client.say(headers(3, block))).toEqual([])
    // The trailers of the first one name a field that only the second one has brought.
    expect((await client.say(headers(1, LAST_KEPT))).at(-1)).toBe('HEADERS 1 end=yes END')
  })
})

describe('heads that requests share', () => {
  it('cannot be written to', async () => {
    const client = await wire()
    const block = Buffer.concat([
      GET,
      Buffer.from([0x00, 1]),
      Buffer.from('x'),
      Buffer.from([1]),
      Buffer.from('y'),
    ])
    await client.say(...[1, 3, 5, 7].map((on) => headers(on, block)))
    const [one, two] = client.notes.heads.slice(-2) as [RequestHead, RequestHead]
    expect(one).toBe(two)
    expect(() => Object.assign(one, { path: '/other' })).toThrow(TypeError)
    expect(() => (one.fields as HeaderField[]).pop()).toThrow(TypeError)
  })
})

/** Does something random to some stream in each callback, and checks what it is told. */
class Meddler implements Http2Handler {
  readonly #streams: Http2Stream[] = []
  readonly #random: ReturnType<typeof randomOf>
  #depth = 0
  readonly faults: string[] = []
  /** Streams of which it was told that they have ended. */
  readonly #aborted = new Set<Http2Stream>()

  constructor(random: ReturnType<typeof randomOf>) {
    this.#random = random
  }

  onRequest(stream: Http2Stream): void {
    this.#streams.push(stream)
    if (this.#random.percent(20)) stream.hold()
    this.#meddle()
  }

  onData(stream: Http2Stream): void {
    this.#expectLive(stream, 'data')
    this.#meddle()
  }

  onEnd(stream: Http2Stream): void {
    this.#expectLive(stream, 'end')
    this.#meddle()
  }

  onAborted(stream: Http2Stream): void {
    if (this.#aborted.has(stream)) this.faults.push('aborted twice')
    if (!stream.hasEnded) this.faults.push('aborted before its end')
    this.#aborted.add(stream)
    this.#meddle()
  }

  onDrain(stream: Http2Stream): void {
    this.#expectLive(stream, 'drain')
    this.#meddle()
  }

  #expectLive(stream: Http2Stream, what: string): void {
    if (stream.hasEnded) this.faults.push(`${what} behind the end`)
  }

  #meddle(): void {
    if (this.#depth > 3) return
    this.#depth += 1
    for (let i = this.#random.below(3); i > 0; i--) this.#do(this.#random.pick(this.#streams))
    this.#depth -= 1
  }

  #do(stream: Http2Stream): void {
    const octets = Buffer.alloc(this.#random.pick([0, 10, 3000, 70_000]))
    switch (this.#random.below(8)) {
      case 0:
        stream.respond(OK, octets, this.#random.percent(50) ? END : null)
        break
      case 1:
        stream.open(OK)
        break
      case 2:
        stream.write(octets)
        break
      case 3:
        stream.finish(this.#random.percent(50) ? END : null)
        break
      case 4:
        stream.reset(8)
        break
      case 5:
        stream.release(this.#random.below(40_000))
        break
      case 6:
        stream.isBusy = !stream.isBusy
        break
      case 7:
        stream.hold()
    }
  }
}

describe('callbacks within callbacks', () => {
  it('leave streams in order: nothing is said behind an end, and nothing is told twice', async () => {
    const random = randomOf(seedOfRun('callbacks that do anything', 1))
    for (let run = 0; run < 150; run++) {
      const meddler = new Meddler(random)
      const client = await wire({ handler: meddler, limits: { streamsMax: 10 } }, [4, 2000])
      const heard = await client.say(client.speaker.headers(1, POST, 0))
      let last = 1
      for (let step = 0; step < 30; step++) {
        const on = 1 + 2 * random.below((last + 1) / 2)
        const flags = random.percent(30) ? END_STREAM : 0
        const said = [
          () => {
            last += 2
            return client.speaker.headers(last, POST, flags)
          },
          () => data(on, Buffer.alloc(random.below(9000)), flags),
          () => rstStream(on),
          () => windowUpdate(random.pick([0, on]), random.between(1, 20_000)),
          () => settings([4, random.below(50_000)]),
        ]
        heard.push(...(await client.say(random.pick(said)())))
      }
      client.socket.destroy()
      heard.push(...(await client.hear()))
      expect(meddler.faults).toEqual([])
      expect(saidBehindEnds(heard)).toEqual([])
    }
  })
})

const LATE = ['HEADERS', 'DATA', 'WINDOW_UPDATE'] as const

/** Frames of streams that had ended before. */
function saidBehindEnds(heard: readonly string[]): string[] {
  const ended = new Set<string>()
  return heard.filter((text) => {
    const [type, on] = text.split(' ') as [string, string]
    const isLate = ended.has(`${type} ${on}`)
    // Behind its end a stream may still be reset, and windows opened; behind a reset nothing is said.
    if (text.endsWith(' END')) for (const late of ['HEADERS', 'DATA']) ended.add(`${late} ${on}`)
    if (type === 'RST_STREAM') for (const late of LATE) ended.add(`${late} ${on}`)
    return isLate
  })
}
