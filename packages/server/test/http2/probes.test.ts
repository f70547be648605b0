/** The rules of RFC 9113 and RFC 7541, case by case, over real sockets. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { END_HEADERS, END_STREAM, FRAME, frame, headers, PREFACE, ping, request, settings } from './octets.ts'
import { outcome, probe } from './probe.ts'
import { ProbeServer } from './probe-server.ts'
import { frameProbes } from './probes-frames.ts'
import { hpackProbes } from './probes-hpack.ts'
import { requestProbes } from './probes-requests.ts'
import { streamProbes } from './probes-streams.ts'

const tables = [
  { what: 'frames', probes: frameProbes },
  { what: 'streams', probes: streamProbes },
  { what: 'requests', probes: requestProbes },
  { what: 'header blocks', probes: hpackProbes },
]

describe.each(tables)('RFC probes of $what', ({ probes }) => {
  let server: ProbeServer
  beforeAll(async () => {
    server = await ProbeServer.listening()
  })
  afterAll(() => server[Symbol.asyncDispose]())

  it.each(probes)('%s: %s', async (_section, _sentence, octets, expected) => {
    using client = server.greeted()
    expect(await probe(client, octets)).toBe(expected)
  })
})

/** How connections begin: 3.4. */
describe('RFC probes of the beginning', () => {
  const whole = headers(1, request())
  const cases = [
    ['settings may be empty', [PREFACE, settings(), whole], '200 on 1'],
    ['settings come first', [PREFACE, whole], 'GOAWAY PROTOCOL_ERROR'],
    ['not a PING', [PREFACE, ping(), settings()], 'GOAWAY PROTOCOL_ERROR'],
    ['nor an acknowledgement', [PREFACE, frame(FRAME.SETTINGS, 1, 0), settings()], 'GOAWAY PROTOCOL_ERROR'],
    ['nor what nobody knows', [PREFACE, frame(0xbe, 0, 0), settings()], 'GOAWAY PROTOCOL_ERROR'],
  ] as const

  it.each(cases)('%s', async (_, octets, expected) => {
    await using server = await ProbeServer.listening()
    using client = server.connect()
    client.send(...octets)
    await client.until(() => client.hasEnded || client.isAnswered(1))
    expect(outcome(client.frames)).toBe(expected)
  })

  it.each([
    ['a request of HTTP/1.1', 'GET / HTTP/1.1\r\nhost: a\r\n\r\n'],
    ['another preface', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\n\n'],
    ['another version', 'PRI * HTTP/3.0\r\n\r\nSM\r\n\r\n'],
    ['a hello of TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  ])('%s is no preface', async (_, text) => {
    await using server = await ProbeServer.listening()
    using client = server.connect()
    client.send(Buffer.from(text, 'latin1'))
    await client.ended()
    expect(outcome(client.frames)).toMatch(/^(GOAWAY PROTOCOL_ERROR)?$/)
    expect(server.handler.requests).toBe(0)
  })

  it('octets may come one by one', async () => {
    await using server = await ProbeServer.listening()
    using client = server.connect()
    for (const octet of Buffer.concat([PREFACE, settings(), whole])) client.send(Buffer.from([octet]))
    await client.until(() => client.isAnswered(1))
  })

  it('the server speaks first: settings, which are acknowledged, and acknowledges in order', async () => {
    await using server = await ProbeServer.listening()
    using client = server.greeted([4, 1])
    client.send(settings(), settings([3, 1]))
    expect(await client.settled()).toBe(true)
    expect(client.frames[0]).toMatchObject({ type: FRAME.SETTINGS, flags: 0, stream: 0 })
    const acknowledged = client.of(FRAME.SETTINGS).filter(({ flags }) => flags === 1)
    expect(acknowledged.map(({ payload }) => payload.length)).toEqual([0, 0, 0])
  })

  it('the largest number of a stream is one', async () => {
    await using server = await ProbeServer.listening()
    using client = server.greeted()
    client.send(headers(2 ** 31 - 1, request(), END_HEADERS | END_STREAM))
    await client.until(() => client.isAnswered(2 ** 31 - 1))
  })
})
