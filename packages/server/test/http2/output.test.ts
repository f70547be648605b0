import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seedOfRun } from '../../../limiter/test/parity/random.ts'
import { Http2Server } from '../../src/http2/http2-server.ts'
import { FakeSocket } from './fake-socket.ts'
import { END, LIMITS, ManualTime, NotingHandler, OK, rethrow, turn, Wire, wire } from './wire.ts'
import { data, END_STREAM, POST, PREFACE, ping, settings, settingsAck, windowUpdate } from './wire-frames.ts'

const nth = (n: number): number => 2 * n + 1
const repeat = <T>(times: number, of: (i: number) => T): T[] => Array.from({ length: times }, (_, i) => of(i))

describe('what a server of HTTP/2 writes', () => {
  it('is one write for all that was read at once', async () => {
    const client = await wire()
    const { writes } = client.socket
    const asked = repeat(100, (i) => client.speaker.post(nth(i), 'hi'))
    expect(await client.say(...asked, ping())).toHaveLength(301)
    expect(client.socket.writes).toBe(writes + 1)
  })

  it('is one write for all that is answered in the same turn later', async () => {
    const client = await wire()
    await client.say(...repeat(100, (i) => client.speaker.get(nth(i), { ':path': `/quiet${i}` })))
    const { writes } = client.socket
    const answer = async (i: number): Promise<void> => {
      for (let j = 0; j < i % 5; j++) await Promise.resolve()
      client.notes.stream(`/quiet${i}`).respond(OK, null, END)
    }
    await Promise.all(repeat(100, answer))
    expect(await client.hear()).toHaveLength(200)
    expect(client.socket.writes).toBe(writes + 1)
  })

  it('is nothing for what needs no answer', async () => {
    const client = await wire()
    const { writes } = client.socket
    await client.say(client.speaker.headers(1))
    expect(client.socket.writes).toBe(writes)
  })

  it('is right in each octet, however late the system takes it, on connections that share buffers', async () => {
    await fc.assert(
      fc.asyncProperty(fc.infiniteStream(fc.nat(1000)), async (choices) => {
        const choose = (below: number): number => (choices.next().value as number) % below
        const time = new ManualTime()
        const server = new Http2Server(new NotingHandler(), LIMITS, { clock: time, onFault: rethrow })
        const clients = await Promise.all(
          repeat(4, async () => {
            const client = new Wire({ server, time, socket: new FakeSocket() })
            client.socket.isLazy = choose(3) > 0
            await client.connect()
            client.socket.push(
              Buffer.concat([PREFACE, settings([4, 1 << 20]), settingsAck(), windowUpdate(0, 1 << 24)]),
            )
            return { client, said: new Map<number, Buffer>(), heard: [] as string[] }
          }),
        )
        for (let step = 0; step < 60; step++) {
          const { client, said, heard } = clients[choose(4)] as (typeof clients)[number]
          if (choose(2) === 0) {
            const body = Buffer.alloc(choose(10) === 0 ? 40 * choose(1000) : choose(1000), step + 1)
            const on = nth(said.size)
            said.set(on, body)
            const pieces = repeat(Math.ceil(body.length / 16_000), (i) =>
              data(on, body.subarray(i * 16_000, (i + 1) * 16_000)),
            )
            client.socket.push(
              Buffer.concat([client.speaker.headers(on), ...pieces, data(on, '', END_STREAM)]),
            )
          } else if (choose(3) > 0) client.socket.takeOne()
          else heard.push(...(await client.hear()))
        }
        for (const { client, said, heard } of clients) {
          while (client.socket.takeOne()) await turn()
          heard.push(...(await client.hear()))
          expect(heard.filter((text) => text.endsWith('end=yes END'))).toHaveLength(said.size)
          for (const [on, body] of said) expect(client.listener.body(on).equals(body)).toBe(true)
        }
        server.destroy()
      }),
      { numRuns: 60, seed: seedOfRun('octets of lazy sockets', 1) },
    )
  })
})

describe('a server of HTTP/2', () => {
  it('answers the same octets, however what it reads is cut', async () => {
    const { speaker } = new Wire()
    const script = Buffer.concat([
      PREFACE,
      settings([4, 100]),
      settingsAck(),
      speaker.post(1, 'x'.repeat(150)),
      ping(),
      speaker.headers(3, { ...POST, 'x-new': 'y' }),
      data(3, 'half'),
      windowUpdate(1, 20),
      speaker.get(5, { ':path': '/quiet' }),
      windowUpdate(5, 0),
      settings([4, 200], [1, 0]),
      data(3, 'x'.repeat(500), END_STREAM),
      speaker.headers(7, { ':path': '/' }),
      windowUpdate(3, 1000),
      speaker.post(9, 'bye'),
      data(9, 'late'),
    ])
    const answered = async (pieces: readonly Buffer[]): Promise<string> => {
      const client = await new Wire().connect()
      for (const piece of pieces) client.socket.push(Buffer.from(piece))
      await turn()
      return client.socket.arrived().toString('hex')
    }
    const expected = await answered([script])
    expect(await answered(repeat(script.length, (i) => script.subarray(i, i + 1)))).toBe(expected)
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(script.length), { maxLength: 20 }), async (cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), script.length]
        const pieces = at.slice(1).map((end, i) => script.subarray(at[i], end))
        expect(await answered(pieces.filter(({ length }) => length > 0))).toBe(expected)
      }),
      { seed: seedOfRun('octets cut into pieces', 1) },
    )
  })
})
