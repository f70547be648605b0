/** The client of the library over gRPC, against the service: what it does over HTTP it does here. */
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { credentials } from '@grpc/grpc-js'
import { createLimiter, type Decision, memoryStore } from 'headgate'
import { createGrpcLimiter, type GrpcLimiter, type GrpcLimiterOptions } from 'headgate/grpc'
import { manualClock } from 'headgate/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { newToken, tokenHash } from '../../src/service/access/token-text.ts'
import { CERTIFICATES, pemOf, tlsOf } from '../protocol/secure-listener.ts'
import { failingStore, type GrpcServer, grpcServer } from './grpc-server.ts'

const opened: GrpcLimiter[] = []
const alice = { user: 'alice' }

function limiterOf(server: { readonly target: string }, options: GrpcLimiterOptions = {}): GrpcLimiter {
  // Longer than any answer here takes on a busy machine, unless the test is about the deadline.
  const limiter = createGrpcLimiter({ target: server.target, deadlineMs: 60_000, ...options })
  opened.push(limiter)
  return limiter
}

beforeEach(() => {
  vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
})

afterEach(async () => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
  await Promise.all(opened.splice(0).map((limiter) => limiter.close()))
})

describe('a limiter over gRPC', () => {
  it('decides as a limiter beside it does', async () => {
    await using server = await grpcServer()
    const remote = limiterOf(server)
    const policies = [{ name: 'api', key: 'user', rules: [{ limit: '5/min', burst: 5 }] }]
    const own = createLimiter({
      policies,
      store: memoryStore({ clock: manualClock() }),
      clock: manualClock(),
    })
    const calls = [
      [alice, { cost: 2 }],
      [alice, { cost: 9 }],
      [alice, { cost: 4 }],
      [{ user: 42 }, {}],
      [{ user: '42' }, { limit: { limit: 2, window: 1500 } }],
      [{ tenant: 'x' }, { policy: 'api', cost: 0, limit: ['5/s', '7/min'] }],
    ] as const
    for (const [who, options] of calls) {
      const expected = await own.consume(who as never, options as never).catch((error: unknown) => error)
      const got = await remote.consume(who as never, options as never).catch((error: unknown) => error)
      if (expected instanceof Error) {
        expect(got).toMatchObject({ code: (expected as { code?: unknown }).code })
        continue
      }
      const { receipt, retryAfterMs, ...same } = expected as Decision
      const told = got as Decision
      expect(told).toMatchObject(same)
      expect(typeof told.receipt).toBe(receipt === null ? 'object' : 'string')
      expect(told.retryAfterMs === null).toBe(retryAfterMs === null)
    }
    await own.close()
  })

  it('peeks, charges, credits and refunds', async () => {
    await using server = await grpcServer()
    const limiter = limiterOf(server)
    const { receipt } = await limiter.consume(alice, { cost: 3 })
    expect(await limiter.peek(alice, { cost: 3 })).toMatchObject({ allowed: false, reason: 'limited' })
    expect(await limiter.refund(receipt as string, { cost: 2 })).toBe(2)
    expect(await limiter.charge(alice, 9)).toMatchObject({ allowed: true, remaining: 0 })
    expect(await limiter.credit(alice, 20)).toMatchObject({ credited: 10 })
  })

  it('decides together, with costs, verbs and groups', async () => {
    await using server = await grpcServer()
    const limiter = limiterOf(server)
    const joint = await limiter.decide([
      { who: alice, cost: 5 },
      { who: { user: 'bob' }, cost: 6, anyOf: 'one' },
      { who: { user: 'carol' }, verb: 'peek', anyOf: 'one' },
    ])
    expect(joint).toMatchObject({ allowed: true, decisions: [{ remaining: 0 }, {}, { allowed: true }] })
    const denied = await limiter.decide([{ who: alice }, { who: { user: 'dave' } }])
    expect(denied).toMatchObject({ allowed: false, retryAfterMs: 12_000 })
    await expect(limiter.decide([{ who: alice, policy: 'nope' }, { who: alice }])).rejects.toMatchObject({
      code: 'unknown-policy',
      path: 'requests[0].policy',
    })
  })

  it('reserves, extends, settles and cancels, here and elsewhere', async () => {
    await using server = await grpcServer()
    const [here, elsewhere] = [limiterOf(server), limiterOf(server)]
    const reservation = await here.reserve(alice, { cost: 2, ttl: 60_000 })
    expect(await reservation.extend(1)).toMatchObject({ allowed: true })
    expect(reservation.held).toBe(3)
    const handle = reservation.handle() as string
    expect(await elsewhere.resume(handle).settle(1)).toEqual({ settled: true, actual: 1 })
    await reservation.cancel()
    expect(await here.peek(alice, { cost: 0 })).toMatchObject({ remaining: 4 })
  })

  it('resets, blocks, unblocks, explains and lists', async () => {
    await using server = await grpcServer()
    const limiter = limiterOf(server)
    await limiter.consume(alice, { cost: 5 })
    expect(await limiter.reset(alice)).toEqual(['api'])
    expect(await limiter.block(alice, 60_000, { policy: 'api' })).toEqual(['api'])
    expect(await limiter.consume(alice)).toMatchObject({ allowed: false, reason: 'blocked' })
    expect(await limiter.unblock(alice)).toEqual(['api'])
    expect(await limiter.explain(alice)).toMatchObject({ decision: { allowed: true } })
    expect(await limiter.policies.list()).toMatchObject([{ name: 'api' }])
  })

  it('resets what an entry of a descriptor is the key of', async () => {
    await using server = await grpcServer(
      'policies: [{ name: api, match: { descriptor: [tenant] }, key: descriptor.tenant, rules: [5/min] }]',
    )
    const limiter = limiterOf(server)
    const acme = { descriptor: [{ key: 'tenant', value: 'acme' }] }
    expect(await limiter.consume(acme, { cost: 5 })).toMatchObject({ remaining: 0 })
    expect(await limiter.reset(acme)).toEqual(['api'])
    expect(await limiter.consume(acme)).toMatchObject({ remaining: 4 })
  })

  it('waits for a turn, and no longer than it may', async () => {
    await using server = await grpcServer()
    const limiter = limiterOf(server)
    expect(await limiter.wait(alice, { cost: 5, timeout: '5s' })).toMatchObject({ allowed: true })
    const denied = { allowed: false, reason: 'limited', retryAfterMs: 12_000 }
    expect(await limiter.wait(alice, { timeout: '1s' })).toMatchObject(denied)
  })

  it('sends a rule with a key, and a token with every call', async () => {
    const token = newToken()
    await using server = await grpcServer(`
tokens: [{ name: cart, hash: "${tokenHash(token)}", scopes: [consume, adjust] }]
policies: [{ name: api, key: user, rules: [5/min] }]
`)
    const limiter = limiterOf(server, { token })
    expect(await limiter.consume('job', { rule: { limit: '10/s', burst: 20 } })).toMatchObject({
      policy: 'grpc',
      remaining: 19,
    })
    await expect(limiter.reset(alice)).rejects.toMatchObject({ code: 'forbidden' })
    await expect(limiterOf(server).consume(alice)).rejects.toMatchObject({ code: 'unauthenticated' })
  })

  it.each([
    ['a cost', (limiter: GrpcLimiter) => limiter.consume(alice, { cost: -1 }), 'invalid-cost'],
    ['a policy', (limiter: GrpcLimiter) => limiter.consume(alice, { policy: 'nope' }), 'unknown-policy'],
    ['a receipt', (limiter: GrpcLimiter) => limiter.refund('v1.a.b.c'), 'invalid-receipt'],
    ['a handle', (limiter: GrpcLimiter) => limiter.resume('v1.a.b.c').settle(1), 'invalid-receipt'],
  ])('rejects %s that is wrong with the code of the table', async (_, ask, code) => {
    await using server = await grpcServer()
    await expect(ask(limiterOf(server))).rejects.toMatchObject({ code })
  })

  it('denies where the store of the service fails and a policy is closed', async () => {
    const closed = 'policies: [{ name: api, key: user, onStoreError: closed, rules: [5/min] }]'
    await using server = await grpcServer(closed, failingStore())
    const limiter = limiterOf(server)
    expect(await limiter.consume(alice)).toMatchObject({ allowed: false, source: 'closed' })
    expect(limiter.health()).toMatchObject({ lastFailure: null, decisions: { service: 1, onError: 0 } })
  })

  it.each(['open', 'closed'] as const)('is %s where nobody listens', async (onError) => {
    const limiter = limiterOf({ target: '127.0.0.1:9' }, { onError })
    expect(await limiter.consume(alice)).toMatchObject({
      allowed: onError === 'open',
      source: onError,
      reason: 'store-unavailable',
    })
    expect(limiter.health()).toMatchObject({
      url: '127.0.0.1:9',
      lastFailure: { message: 'cannot be reached (ECONNREFUSED)' },
    })
    await expect(limiter.reset(alice)).rejects.toMatchObject({ code: 'store-unavailable' })
  })

  it('decides without a service that does not answer in time', async () => {
    const held: Socket[] = []
    const silent = createServer((socket) => held.push(socket)).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const { port } = silent.address() as { readonly port: number }
    const limiter = limiterOf({ target: `127.0.0.1:${port}` }, { deadlineMs: 20 })
    expect(await limiter.consume(alice)).toMatchObject({ allowed: true, source: 'open' })
    await limiter.close()
    for (const socket of held) socket.destroy()
    silent.close()
  })

  it('speaks TLS, with a certificate of its own where the service asks for one', async () => {
    const { ca, wrongCa, server: pair, client } = CERTIFICATES
    const tls = await tlsOf(pair, ca)
    await using server = await grpcServer(undefined, undefined, undefined, { tls })
    const { cert, key } = pemOf(client)
    const sourceBy = async (authority: string, ...own: [] | [Buffer, Buffer]): Promise<string> => {
      const limiter = limiterOf(server, {
        credentials: credentials.createSsl(Buffer.from(authority), ...own),
      })
      return (await limiter.consume(alice)).source
    }
    expect(await sourceBy(ca, Buffer.from(key), Buffer.from(cert))).toBe('store')
    expect(await sourceBy(wrongCa, Buffer.from(key), Buffer.from(cert))).toBe('open')
    expect(await sourceBy(ca)).toBe('open')
  })

  it('rejects with closed once it is closed', async () => {
    await using server = await grpcServer()
    const limiter = limiterOf(server)
    await limiter.close()
    await expect(limiter.consume(alice)).rejects.toMatchObject({ code: 'closed' })
  })

  it.each([
    [{}, 'createGrpcLimiter.target'],
    [{ target: 'http://127.0.0.1:8080' }, 'createGrpcLimiter.target'],
    [{ target: 'a:1', token: 'a\nb' }, 'createGrpcLimiter.token'],
    [{ target: 'a:1', onError: 'never' }, 'createGrpcLimiter.onError'],
    [{ target: 'a:1', url: 'a' }, 'createGrpcLimiter'],
    [{ target: 'a:1', credentials: 'tls' }, 'createGrpcLimiter.credentials'],
  ])('refuses the options %j', (options, path) => {
    expect(() => createGrpcLimiter(options as never)).toThrow(expect.objectContaining({ path }))
  })

  it('takes the address from the environment', async () => {
    await using server = await grpcServer()
    vi.stubEnv('HEADGATE_GRPC_TARGET', server.target)
    const limiter = createGrpcLimiter()
    opened.push(limiter)
    expect((await limiter.consume(alice)).source).toBe('store')
  })
})

describe('withRateLimit of a limiter over gRPC', () => {
  const serve = (): Promise<GrpcServer> => grpcServer()

  it('calls the function as often as the service lets it', async () => {
    await using server = await serve()
    const sent: string[] = []
    const send = limiterOf(server).withRateLimit(
      async (to: string, text: string) => sent.push(`${to}: ${text}`),
      { key: (to) => ({ user: to }), cost: (_, text) => text.length },
    )
    expect(await send('alice', 'hello')).toBe(1)
    await expect(send('alice', 'x')).rejects.toMatchObject({ code: 'limited', retryAfterMs: 12_000 })
    expect(await send('bob', 'x')).toBe(2)
    expect(sent).toEqual(['alice: hello', 'bob: x'])
  })

  it('waits for its turn where it has time', async () => {
    await using server = await serve()
    const run = limiterOf(server).withRateLimit(() => 'ran', { key: () => alice, cost: 5, timeout: '20s' })
    expect(await run()).toBe('ran')
    // The next turn comes after a minute, which is more than it has.
    await expect(run()).rejects.toMatchObject({ code: 'limited' })
  })

  it('refuses what is no function', async () => {
    await using server = await serve()
    const limiter = limiterOf(server)
    expect(() => limiter.withRateLimit('x' as never, { key: () => alice })).toThrow(
      expect.objectContaining({ path: 'fn' }),
    )
    expect(() => limiter.withRateLimit(() => 1, {} as never)).toThrow(
      expect.objectContaining({ path: 'options.key' }),
    )
  })
})
