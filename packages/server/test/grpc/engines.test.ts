/** What both engines make of the same calls, octet by octet where clients would not send them, and in what they differ. */
import { once } from 'node:events'
import {
  type ClientHttp2Session,
  connect,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2'
import { status } from '@grpc/grpc-js'
import { describe, expect, it } from 'vitest'
import { Status } from '../../src/gen/google-rpc.ts'
import { Health } from '../../src/gen/grpc-health-v1.ts'
import { Decision, RateLimiter } from '../../src/gen/headgate-v1.ts'
import { GRPC_ENGINES } from '../../src/transports/grpc/grpc-engine.ts'
import { ARRIVING_BYTES_MAX, MESSAGE_BYTES_MAX } from '../../src/transports/grpc/grpc-limits.ts'
import { GrpcClient, HEALTH, LIMITER, servedBy } from './grpc-server.ts'
import { frameOf } from './native/fake-stream.ts'

const CONSUME = RateLimiter.Consume.path
const NOTHING = { attributes: {}, descriptor: [], policy: '', limit: [] }
const request = (user: string): Buffer =>
  RateLimiter.Consume.request.encode({ ...NOTHING, attributes: { user } })

interface Sent {
  readonly path?: string
  readonly fields?: OutgoingHttpHeaders
  /** Each is a frame of its own. */
  readonly pieces: readonly Buffer[]
  /** Whether more is to come. */
  readonly isOpen?: boolean
}

/** What a call is answered: fields of head and trailers together. */
async function answerTo(
  session: ClientHttp2Session,
  sent: Sent,
): Promise<{ readonly answer: IncomingHttpHeaders; readonly body: Buffer }> {
  const { path = CONSUME, fields = {}, pieces, isOpen = false } = sent
  const call = session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
    ...fields,
  })
  call.on('error', () => {})
  let all: IncomingHttpHeaders = {}
  const body: Buffer[] = []
  call.on('response', (head) => (all = { ...all, ...head }))
  call.on('trailers', (trailers) => (all = { ...all, ...trailers }))
  call.on('data', (octets: Buffer) => body.push(octets))
  const ended = once(call, 'end')
  for (const piece of pieces) await new Promise((resolve) => call.write(piece, resolve))
  if (!isOpen) call.end()
  await ended
  call.close()
  return { answer: all, body: Buffer.concat(body) }
}

const octetByOctet = (octets: Buffer): Buffer[] => Array.from(octets, (octet) => Buffer.from([octet]))
const fields = (values: OutgoingHttpHeaders): Pick<Sent, 'fields'> => ({ fields: values })
const whole = [frameOf(request('alice'))]
const long = Buffer.alloc(MESSAGE_BYTES_MAX + 1)

/** Calls that both engines answer alike. */
const ALIKE: readonly (readonly [name: string, sent: Sent, expected: object])[] = [
  ['a message in one piece', { pieces: whole }, { 'grpc-status': '0' }],
  ['a message in many', { pieces: octetByOctet(frameOf(request('alice'))) }, { 'grpc-status': '0' }],
  ['a prefix apart', { pieces: [Buffer.alloc(5), Buffer.alloc(0)] }, { 'grpc-status': '3' }],
  ['no message', { pieces: [] }, { 'grpc-status': '12' }],
  ['two messages', { pieces: [...whole, ...whole] }, { 'grpc-status': '12' }],
  ['octets that are no message', { pieces: [frameOf(Buffer.from([0xff]))] }, { 'grpc-status': '3' }],
  [
    'a message above what is read',
    { pieces: [frameOf(long)] },
    { 'grpc-status': '3', 'grpc-message': expect.stringContaining('65537') },
  ],
  [
    'a message far above it',
    { pieces: [Buffer.from([0, 0, 4, 0, 1])], isOpen: true },
    { 'grpc-status': '8', 'grpc-message': expect.stringContaining(String(ARRIVING_BYTES_MAX + 1)) },
  ],
  ['a path that nothing serves', { path: '/a/b', pieces: whole }, { 'grpc-status': '12' }],
  [
    'another content type',
    { ...fields({ 'content-type': 'application/json' }), pieces: whole },
    { ':status': 415 },
  ],
  [
    'a content type with a format',
    { ...fields({ 'content-type': 'application/grpc+proto' }), pieces: whole },
    { 'grpc-status': '0' },
  ],
  [
    'a deadline that is none',
    { ...fields({ 'grpc-timeout': 'soon' }), pieces: whole },
    { 'grpc-status': '13' },
  ],
  [
    'a deadline that passes before the message is whole',
    { ...fields({ 'grpc-timeout': '30m' }), pieces: [whole[0]?.subarray(0, 6) as Buffer], isOpen: true },
    { 'grpc-status': '4' },
  ],
  [
    'a message that says it is not compressed',
    { ...fields({ 'grpc-encoding': 'identity' }), pieces: whole },
    { 'grpc-status': '0' },
  ],
]

describe.each(GRPC_ENGINES)('gRPC by %s', (engine) => {
  const serve = servedBy(engine)

  it('answers calls as the other engine does', async () => {
    await using server = await serve()
    const session = connect(`http://${server.target}`)
    for (const [name, sent, expected] of ALIKE) {
      const { answer, body } = await answerTo(session, sent)
      expect(answer, name).toMatchObject(expected)
      expect(body.length > 0, name).toBe(answer['grpc-status'] === '0')
    }
    session.destroy()
  })

  it('answers one message, as the method says it', async () => {
    await using server = await serve()
    const session = connect(`http://${server.target}`)
    const { answer, body } = await answerTo(session, { pieces: whole })
    expect(answer).toMatchObject({
      ':status': 200,
      'content-type': expect.stringMatching(/^application\/grpc/),
    })
    expect(body.subarray(0, 1)).toEqual(Buffer.from([0]))
    expect(body.readUInt32BE(1)).toBe(body.length - 5)
    expect(Decision.decode(body.subarray(5))).toMatchObject({ allowed: true, remaining: 4 })
    session.destroy()
  })

  it('ends a call with a text in any characters, and with details', async () => {
    await using server = await serve()
    using client = new GrpcClient(server.target, HEALTH)
    await expect(client.ask('Check', { service: '5 % für 🚦\n' })).rejects.toMatchObject({
      code: status.NOT_FOUND,
      details: 'no service is named "5 % für 🚦\\n"',
    })
    using limiter = new GrpcClient(server.target, LIMITER)
    const error = await limiter.ask('Consume', { key: '' }).catch((reason: unknown) => reason)
    const [details] = (error as { metadata: { get(name: string): Buffer[] } }).metadata.get(
      'grpc-status-details-bin',
    )
    expect(Status.decode(details as Buffer)).toMatchObject({ code: status.INVALID_ARGUMENT })
  })

  it('reads metadata, also of octets', async () => {
    await using server = await serve(`
trustedProxies: [127.0.0.1]
attributes: { user: header.x-user-bin }
policies: [{ name: api, key: user, rules: [5/min] }]
`)
    const session = connect(`http://${server.target}`)
    const empty = frameOf(Buffer.alloc(0))
    for (const value of ['YWRh', 'YWRhbQ==', 'YWRhbQ']) {
      const { body } = await answerTo(session, {
        path: RateLimiter.Explain.path,
        ...fields({ 'x-user-bin': value }),
        pieces: [empty],
      })
      const { json } = RateLimiter.Explain.response.decode(body.subarray(5))
      const user = Buffer.from(value, 'base64').toString()
      expect(JSON.parse(json).policies[0].key).toEqual({ user })
    }
    session.destroy()
  })

  it('makes a decision a part of the trace that its caller names', async () => {
    await using server = await serve()
    const traces: (string | undefined)[] = []
    server.service.on('decision', ({ trace }) => traces.push(trace))
    using client = new GrpcClient(server.target, LIMITER)
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    await client.ask('Consume', { attributes: { user: 'a' } }, { metadata: { traceparent } })
    await client.ask('Consume', { attributes: { user: 'a' } })
    expect(traces).toEqual([traceparent, undefined])
  })

  it('lets go of a call whose caller has left', async () => {
    await using server = await serve()
    const session = connect(`http://${server.target}`)
    using client = new GrpcClient(server.target, LIMITER)
    const all = { request: { attributes: { user: 'alice' }, cost: 5 } }
    await client.ask('Consume', all.request)
    const wait = RateLimiter.Wait.request.encode({ request: { ...NOTHING, ...all.request }, timeout: '60s' })
    const call = session.request({
      ':method': 'POST',
      ':path': RateLimiter.Wait.path,
      'content-type': 'application/grpc',
      te: 'trailers',
    })
    call.on('error', () => {})
    call.end(frameOf(wait))
    // It has arrived once one behind it is answered.
    await answerTo(session, { path: Health.Check.path, pieces: [frameOf(Buffer.alloc(0))] })
    call.close(8)
    await answerTo(session, { path: Health.Check.path, pieces: [frameOf(Buffer.alloc(0))] })
    server.clock.advance('10m')
    await new Promise((resolve) => setImmediate(resolve))
    expect(await client.ask('Peek', { ...all.request, cost: 0 })).toMatchObject({ remaining: 5 })
    session.destroy()
  })
})

/** Calls that they answer otherwise, as decision 0058 says. */
const OTHERWISE: readonly (readonly [name: string, sent: Sent, native: object, grpcJs: object])[] = [
  [
    'a message that may be compressed',
    { ...fields({ 'grpc-encoding': 'gzip' }), pieces: whole },
    { 'grpc-status': '12', 'grpc-accept-encoding': 'identity' },
    { 'grpc-status': '0' },
  ],
  [
    'a message that is compressed',
    { pieces: [frameOf(request('alice'), 1)] },
    { 'grpc-status': '12', 'grpc-accept-encoding': 'identity' },
    { 'grpc-status': '0' },
  ],
  [
    'another method of HTTP',
    { ...fields({ ':method': 'PUT' }), pieces: whole },
    { ':status': 405, allow: 'POST' },
    { ':status': 200, 'grpc-status': '0' },
  ],
  [
    'gRPC for browsers',
    { ...fields({ 'content-type': 'application/grpc-web' }), pieces: whole },
    { ':status': 415 },
    { ':status': 200, 'grpc-status': '0' },
  ],
  [
    'a deadline with something behind it',
    { ...fields({ 'grpc-timeout': '1Second' }), pieces: whole },
    { 'grpc-status': '13' },
    { 'grpc-status': '0' },
  ],
  [
    'a deadline beyond what timers can wait',
    {
      ...fields({ 'grpc-timeout': '99999999H' }),
      path: RateLimiter.GetPolicies.path,
      pieces: [frameOf(Buffer.alloc(0))],
    },
    { 'grpc-status': '0' },
    {},
  ],
  [
    'a message that ends in the middle',
    { pieces: [whole[0]?.subarray(0, 6) as Buffer] },
    { 'grpc-status': '13' },
    { 'grpc-status': '12' },
  ],
  [
    'a first octet that is neither 0 nor 1',
    { pieces: [frameOf(request('alice'), 2)] },
    { 'grpc-status': '13' },
    { 'grpc-status': '0' },
  ],
]

describe('what the engines answer otherwise', () => {
  it.each(OTHERWISE)('is %s', async (_, sent, native, grpcJs) => {
    for (const engine of GRPC_ENGINES) {
      await using server = await servedBy(engine)()
      const session = connect(`http://${server.target}`)
      const { answer } = await answerTo(session, sent)
      expect(answer, engine).toMatchObject(engine === 'native' ? native : grpcJs)
      session.destroy()
    }
  })
})
