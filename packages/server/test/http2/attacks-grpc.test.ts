/** Attacks by calls of gRPC, over real sockets: what they make of handlers, and what is held for them. */
import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { RateLimiter } from '../../src/gen/headgate-v1.ts'
import { Http2Server } from '../../src/http2/http2-server.ts'
import type { MessageType } from '../../src/protobuf/message.ts'
import { STREAMS_MAX } from '../../src/transports/grpc/grpc-limits.ts'
import { grpcMethods } from '../../src/transports/grpc/methods.ts'
import { Calls } from '../../src/transports/grpc/native/calls.ts'
import { OpenStreams } from '../../src/transports/grpc/open-streams.ts'
import { GrpcClient, type GrpcServer, LIMITER, servedBy } from '../grpc/grpc-server.ts'
import { livingBytes } from './living-bytes.ts'
import { ManualHttp2Clock } from './manual-http2-clock.ts'
import { MemoryClient } from './memory-client.ts'
import { block, data, END_HEADERS, END_STREAM, headers, rstStream, SETTING } from './octets.ts'
import { LIMITS } from './probe-server.ts'
import { RawClient } from './raw-client.ts'
import { rethrow } from './wire.ts'

const MIB = 2 ** 20
const ALICE = { attributes: { user: 'alice' }, descriptor: [], policy: '', limit: [] }
const serve = servedBy('native')

function head(stream: number, path: string): Buffer {
  const fields = [
    [':method', 'POST'],
    [':scheme', 'http'],
    [':path', path],
    [':authority', 'localhost'],
    ['content-type', 'application/grpc'],
    ['te', 'trailers'],
  ] as const
  return headers(stream, block(...fields), END_HEADERS)
}

function framed<T>(type: MessageType<T>, message: T): Buffer {
  const octets = type.encode(message)
  const prefix = Buffer.alloc(5)
  prefix.writeUInt32BE(octets.length, 1)
  return Buffer.concat([prefix, octets])
}

const WAIT = framed(RateLimiter.Wait.request, { request: ALICE, timeout: '60s' })

function attacker(server: GrpcServer): RawClient {
  const [host = '', port] = server.target.split(':')
  const client = new RawClient(connect(Number(port), host))
  client.greet([SETTING.INITIAL_WINDOW_SIZE, 0])
  return client
}

/** Somebody else is answered. */
async function answersOthers(server: GrpcServer): Promise<void> {
  using client = new GrpcClient(server.target, LIMITER)
  expect(await client.ask('Peek', { attributes: { user: 'bob' } })).toMatchObject({ allowed: true })
}

describe('attacks on gRPC', () => {
  it.each(['half', 'whole'])('%s calls that are reset at once send their client away', async (which) => {
    await using served = await serve()
    // In time that stands still: how much comes back on a busy machine is not to be foretold.
    const methods = grpcMethods({ extras: [], hasReflection: false })
    const calls = new Calls({ service: served.service, methods, streams: new OpenStreams() })
    const options = { clock: new ManualHttp2Clock(), onFault: rethrow }
    const server = new Http2Server(calls, { ...LIMITS, streamsMax: STREAMS_MAX }, options)
    const client = await MemoryClient.connect(server)
    client.greet()
    let count = 0
    for (; client.endCode === null && count < 2500; count++) {
      const stream = 1 + 2 * count
      const message = data(stream, WAIT, which === 'whole' ? END_STREAM : 0)
      client.send(head(stream, RateLimiter.Wait.path), message, rstStream(stream))
    }
    expect(client.endCode).toBe('ENHANCE_YOUR_CALM')
    server.destroy()
    await answersOthers(served)
  })

  it('messages that announce much and bring little hold little', async () => {
    await using server = await serve()
    using client = attacker(server)
    await client.settled()
    const before = livingBytes()
    for (let stream = 1; stream < 200; stream += 2) {
      client.send(head(stream, RateLimiter.Consume.path), data(stream, '00 00 00 ff f0 01'))
    }
    await client.settled()
    expect(livingBytes() - before).toBeLessThan(2 * MIB)
    await answersOthers(server)
  })

  it('calls of many messages whose answers nobody reads hold as much as was sent, whatever the messages', async () => {
    await using server = await serve()
    using client = attacker(server)
    await client.settled()
    const before = livingBytes()
    // Messages of no octets, of which each is five.
    const empty = Buffer.alloc(16_380)
    for (let stream = 1; stream < 60; stream += 2) {
      client.send(head(stream, RateLimiter.ConsumeStream.path))
      for (let i = 0; i < 3; i++) client.send(data(stream, empty))
      await client.settled()
    }
    expect(livingBytes() - before).toBeLessThan(8 * MIB)
    await answersOthers(server)
  })
})
