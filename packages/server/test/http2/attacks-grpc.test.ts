/** Attacks by calls of gRPC, over real sockets: what they make of handlers, and what is held for them. */
import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { RateLimiter } from '../../src/gen/headgate-v1.ts'
import type { MessageType } from '../../src/protobuf/message.ts'
import { GrpcClient, type GrpcServer, LIMITER, servedBy } from '../grpc/grpc-server.ts'
import { livingBytes } from './living-bytes.ts'
import { block, data, END_HEADERS, END_STREAM, headers, rstStream, SETTING } from './octets.ts'
import { RawClient } from './raw-client.ts'

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
    await using server = await serve()
    using client = attacker(server)
    await client.settled()
    for (let stream = 1; stream < 20_000; stream += 2) {
      const message = data(stream, WAIT, which === 'whole' ? END_STREAM : 0)
      client.send(head(stream, RateLimiter.Wait.path), message, rstStream(stream))
    }
    await client.ended()
    expect(client.endCode).toBe('ENHANCE_YOUR_CALM')
    await answersOthers(server)
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
