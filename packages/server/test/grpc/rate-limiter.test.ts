import { once } from 'node:events'
import { connect } from 'node:http2'
import { status } from '@grpc/grpc-js'
import { describe, expect, it } from 'vitest'
import { RetryInfo, Status } from '../../src/gen/google-rpc.ts'
import { newToken, tokenHash } from '../../src/service/access/token-text.ts'
import { GRPC_ENGINES } from '../../src/transports/grpc/grpc-engine.ts'
import { GrpcClient, HEALTH, LIMITER, servedBy } from './grpc-server.ts'

describe.each(GRPC_ENGINES)('headgate.v1.RateLimiter, served by %s', (engine) => {
  const serve = servedBy(engine)

  it('consumes, peeks, charges and credits', async () => {
    await using server = await serve()
    using client = new GrpcClient(server.target, LIMITER)
    const alice = { attributes: { user: 'alice' } }
    const spent = await client.ask('Consume', { ...alice, cost: 2 })
    expect(spent).toMatchObject({
      allowed: true,
      reason: 'within-limit',
      policy: 'api',
      remaining: 3,
      cost: 2,
    })
    expect(spent.rules).toEqual([
      expect.objectContaining({ policy: 'api', limit: 5, rateLimit: 5, rateWindowMs: 60_000 }),
    ])
    expect(await client.ask('Peek', { ...alice, cost: 9, policy: 'api' })).toMatchObject({
      allowed: false,
      reason: 'cost-exceeds-capacity',
    })
    expect(await client.ask('Charge', { ...alice, cost: 4 })).toMatchObject({ allowed: true, remaining: 0 })
    const denied = await client.ask('Consume', alice)
    expect(denied).toMatchObject({ allowed: false, reason: 'limited', id: expect.stringMatching(/./) })
    expect(denied.retryAfterMs).toBe(24_000)
    expect(await client.ask('Credit', { ...alice, cost: 9 })).toMatchObject({ credited: 6 })
    expect(await client.ask('Refund', { receipt: spent.receipt })).toEqual({ refunded: 0 })
  })

  it('takes a key, a limit with a call, and a whole rule', async () => {
    await using server = await serve()
    using client = new GrpcClient(server.target, LIMITER)
    const limited = { attributes: { user: 'a' }, limit: ['2/min'] }
    expect(await client.ask('Consume', limited)).toMatchObject({ limit: 2, remaining: 1 })
    const rule = { key: 'job', limit: ['10/s'], burst: 20 }
    expect(await client.ask('Consume', rule)).toMatchObject({ policy: 'grpc', limit: 20, remaining: 19 })
    expect(await client.ask('Reset', { key: 'job', policy: 'grpc' })).toEqual({ policies: ['grpc'] })
    expect(await client.ask('Consume', rule)).toMatchObject({ remaining: 19 })
  })

  it('reserves, extends, settles and cancels', async () => {
    await using server = await serve()
    using client = new GrpcClient(server.target, LIMITER)
    const request = { attributes: { user: 'alice' }, cost: 2 }
    const { reservation, held } = await client.ask('Reserve', { request, ttl: '1m' })
    expect(held).toBe(2)
    const extended = await client.ask('Extend', { reservation, more: 1 })
    expect(extended).toMatchObject({ held: 3, decision: { allowed: true } })
    const settled = { reservation: extended.reservation, actual: 1 }
    expect(await client.ask('Settle', settled)).toMatchObject({ settled: true, actual: 1 })
    expect(await client.ask('Settle', settled)).toMatchObject({ settled: false, actual: 1 })
    const other = await client.ask('Reserve', { request })
    expect(await client.ask('Cancel', other)).toMatchObject({ settled: true, actual: 0 })
  })

  it('blocks, unblocks, explains and lists', async () => {
    await using server = await serve()
    using client = new GrpcClient(server.target, LIMITER)
    const reach = { attributes: { user: 'mallory' } }
    expect(await client.ask('Block', { reach, duration: '10m' })).toEqual({ policies: ['api'] })
    expect(await client.ask('Consume', reach)).toMatchObject({ allowed: false, reason: 'blocked' })
    expect(await client.ask('Unblock', reach)).toEqual({ policies: ['api'] })
    const { json } = await client.ask('Explain', reach)
    expect(JSON.parse(json)).toMatchObject({ policies: [{ policy: 'api', outcome: 'applies' }] })
    expect(JSON.parse((await client.ask('GetPolicies', {})).json)).toMatchObject({
      policies: [{ name: 'api' }],
    })
  })

  it('waits for a turn, and no longer than it can', async () => {
    await using server = await serve()
    using client = new GrpcClient(server.target, LIMITER)
    const request = { attributes: { user: 'alice' }, cost: 5 }
    expect(await client.ask('Wait', { request })).toMatchObject({ allowed: true })
    const denied = { allowed: false, reason: 'limited' }
    expect(await client.ask('Wait', { request, timeout: '1s' })).toMatchObject(denied)
    expect(await client.ask('Wait', { request }, { deadlineMs: 5000 })).toMatchObject(denied)
  })

  it('decides several by themselves, and mistakes in their places', async () => {
    await using server = await serve()
    using client = new GrpcClient(server.target, LIMITER)
    const item = (user: string, cost: number, verb = ''): object => ({
      request: { attributes: { user }, cost },
      verb,
    })
    const { allowed, decisions } = await client.ask('ConsumeMany', {
      requests: [item('a', 4), item('a', 2), item('b', 1, 'nope'), item('c', 1, 'peek')],
    })
    expect(allowed).toBe(false)
    expect(decisions).toMatchObject([
      { allowed: true, remaining: 1 },
      { allowed: false, reason: 'limited' },
      { problem: { code: 'invalid-request', path: 'verb' } },
      { allowed: true, remaining: 4 },
    ])
  })

  it('decides several together: all or none', async () => {
    await using server = await serve()
    using client = new GrpcClient(server.target, LIMITER)
    const requests = ['a', 'b'].map((user) => ({ request: { attributes: { user }, cost: 3 } }))
    expect(await client.ask('ConsumeMany', { requests, together: true })).toMatchObject({ allowed: true })
    expect(
      await client.ask('ConsumeMany', {
        requests: [...requests, { request: { key: 'x', limit: ['1/s'] } }],
        together: true,
      }),
    ).toMatchObject({
      allowed: false,
    })
    expect(await client.ask('Peek', { attributes: { user: 'a' }, cost: 0 })).toMatchObject({ remaining: 2 })
    await expect(client.ask('ConsumeMany', { requests: [] })).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: 'requests: there are 0 requests; send 1 to 100',
    })
  })

  it('answers a stream message by message, in order, past one that is wrong', async () => {
    await using server = await serve()
    using client = new GrpcClient(server.target, LIMITER)
    const stream = client.exchange('ConsumeStream')
    const answers: {
      readonly decisions: readonly { readonly remaining: number }[]
      readonly problem: unknown
    }[] = []
    stream.on('data', (answer) => answers.push(answer))
    const request = { attributes: { user: 'alice' } }
    stream.write({ requests: [{ request }] })
    stream.write({ requests: [] })
    stream.write({ requests: Array.from({ length: 5 }, () => ({ request })) })
    stream.end()
    await once(stream, 'end')
    expect(answers.map(({ decisions }) => decisions.map(({ remaining }) => remaining))).toEqual([
      [4],
      [],
      [3, 2, 1, 0, 0],
    ])
    expect(answers[1]?.problem).toMatchObject({ code: 'invalid-request', path: 'requests' })
  })

  it('tells usage now, and when it has changed, as long as the caller stays', async () => {
    await using server = await serve()
    using client = new GrpcClient(server.target, LIMITER)
    const stream = client.watch('WatchUsage', { attributes: { user: 'alice' } })
    const [first] = await once(stream, 'data')
    expect(first).toMatchObject({ rules: [{ policy: 'api', remaining: 5 }] })
    await client.ask('Consume', { attributes: { user: 'alice' }, cost: 2 })
    const [second] = await once(stream, 'data')
    expect(second).toMatchObject({ rules: [{ remaining: 3 }] })
    stream.on('error', () => {})
    stream.cancel()
  })

  it('takes a caller that leaves for no failure', async () => {
    await using server = await serve()
    using client = new GrpcClient(server.target, LIMITER)
    const failures: string[] = []
    server.service.on('failure', ({ failure }) => failures.push(failure.code))
    const request = { attributes: { user: 'alice' }, cost: 5 }
    await client.ask('Wait', { request })
    const waiting = client.ask('Wait', { request }, { deadlineMs: 200 })
    await waiting.catch(() => {})
    expect(await client.ask('Peek', request)).toMatchObject({ allowed: false })
    expect(failures).toEqual([])
  })

  it.each<[string, object, number, string]>([
    ['Consume', { key: '' }, status.INVALID_ARGUMENT, 'the key is empty'],
    ['Consume', {}, status.INVALID_ARGUMENT, 'attributes: say whose request it is'],
    ['Reserve', { ttl: '1m' }, status.INVALID_ARGUMENT, 'attributes: say whose request it is'],
    ['Consume', { key: 'x'.repeat(66_000) }, status.INVALID_ARGUMENT, 'bytes; send at most 65536'],
    ['Consume', { attributes: { user: 'a' }, policy: 'nope' }, status.NOT_FOUND, 'no policy is named "nope"'],
    [
      'Consume',
      { attributes: { user: 'a' }, key: 'b' },
      status.INVALID_ARGUMENT,
      'key: give attributes, or a key',
    ],
    [
      'Consume',
      { attributes: { user: 'a' }, limit: ['often'] },
      status.INVALID_ARGUMENT,
      'limit: "often" is not a rate',
    ],
    ['Consume', { attributes: { user: 'a' }, burst: 3 }, status.INVALID_ARGUMENT, 'burst: a burst goes with'],
    ['Reserve', { request: { attributes: { user: 'a' } }, ttl: '25h' }, status.INVALID_ARGUMENT, 'ttl: '],
    ['Settle', { reservation: 'v1.a.b.c', actual: 1 }, status.INVALID_ARGUMENT, 'this is no reservation'],
    [
      'Block',
      { reach: { attributes: { user: 'a' } } },
      status.INVALID_ARGUMENT,
      'duration: say for how long',
    ],
    ['Reset', { attributes: { tenant: 'a' } }, status.INVALID_ARGUMENT, 'no policy has a key'],
  ])('refuses %s %j', async (method, message, code, details) => {
    await using server = await serve()
    using client = new GrpcClient(server.target, LIMITER)
    await expect(client.ask(method, message)).rejects.toMatchObject({
      code,
      details: expect.stringContaining(details),
    })
  })

  it('needs a token where the service has some, also for a stream', async () => {
    const token = newToken()
    await using server = await serve(`
tokens: [{ name: cart, hash: "${tokenHash(token)}", scopes: [consume], limit: 3/min }]
policies: [{ name: api, key: user, rules: [5/min] }]
`)
    using client = new GrpcClient(server.target, LIMITER)
    using health = new GrpcClient(server.target, HEALTH)
    const alice = { attributes: { user: 'alice' } }
    await expect(client.ask('Consume', alice)).rejects.toMatchObject({ code: status.UNAUTHENTICATED })
    await expect(
      client.ask('Consume', alice, { metadata: { authorization: 'Bearer of-a-user' } }),
    ).rejects.toMatchObject({ message: expect.stringContaining('not of the form') })
    const metadata = { authorization: `Bearer ${token}` }
    expect(await client.ask('Consume', alice, { metadata })).toMatchObject({ allowed: true })
    const own = { 'x-headgate-token': token, authorization: 'Bearer of-a-user' }
    expect(await client.ask('Consume', alice, { metadata: own })).toMatchObject({ allowed: true })
    await expect(client.ask('Reset', alice, { metadata })).rejects.toMatchObject({
      code: status.PERMISSION_DENIED,
    })
    const limited = await client.ask('Consume', alice, { metadata }).catch((reason: unknown) => reason)
    expect(limited).toMatchObject({ code: status.RESOURCE_EXHAUSTED })
    const [details] = (limited as { metadata: { get(name: string): Buffer[] } }).metadata.get(
      'grpc-status-details-bin',
    )
    const retry = Status.decode(details as Buffer).details.find(({ typeUrl }) =>
      typeUrl.endsWith('RetryInfo'),
    )
    expect(RetryInfo.decode(retry?.value as Buffer).retryDelay?.seconds).toBeGreaterThan(0)
    expect(await health.ask('Check', {})).toEqual({ status: 'SERVING' })
  })

  it('needs it for each message of a stream, and no longer than the configuration has it', async () => {
    const token = newToken()
    const tokens = `tokens: [{ name: cart, hash: "${tokenHash(token)}", scopes: [consume], limit: 3/min }]`
    await using server = await serve(`${tokens}\npolicies: [{ name: api, key: user, rules: [50/min] }]`)
    using client = new GrpcClient(server.target, LIMITER)
    const stream = client.exchange('ConsumeStream', { metadata: { authorization: `Bearer ${token}` } })
    const ended = once(stream, 'error')
    let answers = 0
    stream.on('data', () => (answers += 1))
    for (let i = 0; i < 9; i++) stream.write({ requests: [{ request: { attributes: { user: 'a' } } }] })
    expect((await ended)[0]).toMatchObject({ code: status.RESOURCE_EXHAUSTED })
    expect(answers).toBe(3)
  })

  it('is looked for before a message is read', async () => {
    await using server = await serve(`
tokens: [{ name: cart, hash: "${tokenHash(newToken())}", scopes: [consume] }]
policies: [{ name: api, key: user, rules: [5/min] }]
`)
    const session = connect(`http://${server.target}`)
    const headers = {
      ':method': 'POST',
      ':path': '/headgate.v1.RateLimiter/Consume',
      'content-type': 'application/grpc',
      te: 'trailers',
    }
    const call = session.request(headers)
    const [answer] = await once(call, 'response')
    expect(answer['grpc-status']).toBe(String(status.UNAUTHENTICATED))
    call.on('error', () => {})
    session.destroy()
  })

  it('reads attributes from the metadata of trusted peers, and the address of the peer', async () => {
    await using server = await serve(`
trustedProxies: [127.0.0.1]
attributes: { user: header.x-user, ip: peer.ip }
policies: [{ name: api, key: [user, ip], rules: [5/min] }]
`)
    using client = new GrpcClient(server.target, LIMITER)
    const { json } = await client.ask('Explain', {}, { metadata: { 'x-user': 'alice' } })
    expect(JSON.parse(json).policies[0].key).toEqual({ user: 'alice', ip: '127.0.0.1' })
  })
})

describe.each(GRPC_ENGINES)('grpc.health.v1, served by %s', (engine) => {
  const serve = servedBy(engine)

  it('tells of the whole and of each service whether traffic may be sent here', async () => {
    await using server = await serve()
    using client = new GrpcClient(server.target, HEALTH)
    for (const service of [
      '',
      'ratelimit',
      'headgate.v1.RateLimiter',
      'envoy.service.ratelimit.v3.RateLimitService',
    ]) {
      expect(await client.ask('Check', { service })).toEqual({ status: 'SERVING' })
    }
    await expect(client.ask('Check', { service: 'nope' })).rejects.toMatchObject({ code: status.NOT_FOUND })
    expect((await client.ask('List', {})).statuses).toHaveLength(4)
    const stream = client.watch('Watch', {})
    expect((await once(stream, 'data'))[0]).toEqual({ status: 'SERVING' })
    server.service.drain()
    expect(await client.ask('Check', {})).toEqual({ status: 'NOT_SERVING' })
    expect((await once(stream, 'data'))[0]).toEqual({ status: 'NOT_SERVING' })
    const unknown = client.watch('Watch', { service: 'nope' })
    expect((await once(unknown, 'data'))[0]).toEqual({ status: 'SERVICE_UNKNOWN' })
    for (const one of [stream, unknown]) {
      one.on('error', () => {})
      one.cancel()
    }
  })
})
