import { readFileSync } from 'node:fs'
import { status } from '@grpc/grpc-js'
import { describe, expect, it } from 'vitest'
import { newToken, tokenHash } from '../../src/service/access/token-text.ts'
import {
  failingStore,
  GrpcClient,
  type GrpcServer,
  grpcServer,
  HEALTH,
  LIMITER,
  LIMITR,
} from './grpc-server.ts'

const sample = readFileSync(new URL('../fixtures/limitr.json', import.meta.url), 'utf8')
const serve = (config = sample, store?: Parameters<typeof grpcServer>[1]): Promise<GrpcServer> =>
  grpcServer(config, store, { extras: ['limitr'] })

describe('limitr.v1.RateLimiterService', () => {
  it('is off unless it is asked for', async () => {
    await using server = await grpcServer(sample)
    using client = new GrpcClient(server.target, LIMITR)
    await expect(client.ask('HealthCheck', {})).rejects.toMatchObject({ code: status.UNIMPLEMENTED })
  })

  it('takes the limits of the domain and of what stands before the colon', async () => {
    await using server = await serve()
    using client = new GrpcClient(server.target, LIMITR)
    const alice = { domain: 'api', limitKey: 'user:alice' }
    expect(await client.ask('ConsumeAndCheckLimit', { ...alice, cost: 30 })).toEqual({
      allowed: true,
      remainingCapacity: 70,
      limitingRateIndex: 1,
      denyCount: 0,
    })
    expect(await client.ask('ConsumeAndCheckLimit', { ...alice, cost: 80 })).toEqual({
      allowed: false,
      remainingCapacity: 70,
      limitingRateIndex: 1,
      denyCount: 1,
    })
    server.clock.advance('1s')
    expect(await client.ask('ConsumeAndCheckLimit', { ...alice, cost: 80 })).toMatchObject({ allowed: true })
  })

  it('spends what clients of other wires spend', async () => {
    await using server = await serve()
    using client = new GrpcClient(server.target, LIMITR)
    using ours = new GrpcClient(server.target, LIMITER)
    await client.ask('ConsumeAndCheckLimit', { domain: 'api', limitKey: 'user:alice', cost: 30 })
    const attributes = { domain: 'api', prefix: 'user', key: 'alice' }
    expect(await ours.ask('Consume', { attributes })).toMatchObject({ policy: 'api.user', remaining: 69 })
  })

  it.each([
    ['no domain and no colon', { limitKey: 'k' }],
    ['another domain', { domain: 'other', limitKey: 'user:k' }],
    ['another prefix', { domain: 'api', limitKey: 'ip:k' }],
    ['nothing before the colon', { domain: 'api', limitKey: ':k' }],
    ['a colon in the key', { domain: 'api', limitKey: 'ip:a:b' }],
  ])('takes the default limits for %s', async (_, request) => {
    await using server = await serve()
    using client = new GrpcClient(server.target, LIMITR)
    const remaining = async () => (await client.ask('ConsumeAndCheckLimit', request)).remainingCapacity
    expect([await remaining(), await remaining()]).toEqual([1, 0])
    expect(await client.ask('ConsumeAndCheckLimit', request)).toMatchObject({ allowed: false })
  })

  it('has one unit for a cost that is not given, and none for 0', async () => {
    await using server = await serve()
    using client = new GrpcClient(server.target, LIMITR)
    expect(await client.ask('ConsumeAndCheckLimit', { limitKey: 'k', cost: 0 })).toMatchObject({
      allowed: true,
      remainingCapacity: 2,
    })
    expect(await client.ask('ConsumeAndCheckLimit', { limitKey: 'k' })).toMatchObject({
      remainingCapacity: 1,
    })
  })

  it.each([
    ['ConsumeAndCheckLimit', { limitKey: '' }, 'limit_key: it names nobody'],
    ['ConsumeAndCheckLimit', { limitKey: 'user:' }, 'limit_key: it names nobody'],
    ['ConsumeAndCheckLimit', { limitKey: 'user:a', cost: -5 }, 'cost: -5'],
    ['GetBucketStatus', { limitKey: '' }, 'limit_key: it names nobody'],
  ])('refuses %s %j', async (method, message, details) => {
    await using server = await serve()
    using client = new GrpcClient(server.target, LIMITR)
    await expect(client.ask(method, message)).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: expect.stringContaining(details),
    })
  })

  it('says how buckets stand, and spends nothing for it', async () => {
    await using server = await serve()
    using client = new GrpcClient(server.target, LIMITR)
    const alice = { domain: 'api', limitKey: 'user:alice' }
    await client.ask('ConsumeAndCheckLimit', { ...alice, cost: 30 })
    const expected = {
      levels: [
        { currentLevel: 30, flowRate: 10, burstCapacity: 100, remainingCapacity: 70 },
        { currentLevel: 30, flowRate: 1.667, burstCapacity: 1000, remainingCapacity: 970 },
      ],
      denyCount: 0,
    }
    for (const _ of [1, 2]) expect(await client.ask('GetBucketStatus', alice)).toMatchObject(expected)
    server.clock.advance('1s')
    const { levels } = await client.ask('GetBucketStatus', alice)
    expect(levels[0]).toMatchObject({ currentLevel: 20, remainingCapacity: 80 })
  })

  it('tells the limits of each domain and prefix, and not the default', async () => {
    await using server = await serve()
    using client = new GrpcClient(server.target, LIMITR)
    expect(await client.ask('GetCurrentConfig', {})).toEqual({
      configs: [
        {
          domain: 'api',
          prefixKey: 'user',
          policies: [
            { name: 'per_second', flowRatePerSecond: 10, burstCapacity: 100 },
            { name: 'per_minute', flowRatePerSecond: 1.667, burstCapacity: 1000 },
          ],
        },
      ],
    })
  })

  it('is as ready as the service', async () => {
    await using server = await serve()
    using client = new GrpcClient(server.target, LIMITR)
    using health = new GrpcClient(server.target, HEALTH)
    const service = 'limitr.v1.RateLimiterService'
    expect(await client.ask('HealthCheck', {})).toEqual({ status: 'SERVING', message: 'ready' })
    expect(await health.ask('Check', { service })).toEqual({ status: 'SERVING' })
    server.service.drain()
    expect(await client.ask('HealthCheck', {})).toEqual({ status: 'NOT_SERVING', message: 'shutting down' })
  })

  it('is unavailable where the store is and a policy is closed, and open where it is open', async () => {
    const policy = (mode: string) => `
policies: [{ name: p, match: { domain: api, prefix: user }, onStoreError: ${mode}, rules: [5/min] }]`
    const alice = { domain: 'api', limitKey: 'user:alice' }
    await using closed = await serve(policy('closed'), failingStore())
    using refused = new GrpcClient(closed.target, LIMITR)
    await expect(refused.ask('ConsumeAndCheckLimit', alice)).rejects.toMatchObject({
      code: status.UNAVAILABLE,
    })
    await using open = await serve(policy('open'), failingStore())
    using passed = new GrpcClient(open.target, LIMITR)
    expect(await passed.ask('ConsumeAndCheckLimit', alice)).toEqual({
      allowed: true,
      remainingCapacity: 0,
      limitingRateIndex: 0,
      denyCount: 0,
    })
  })

  it('takes tokens, each for what it is for', async () => {
    const token = newToken()
    await using server = await serve(`
tokens: [{ name: cart, hash: "${tokenHash(token)}", scopes: [consume], domains: [api] }]
policies: [{ name: p, match: { domain: api, prefix: user }, rules: [5/min] }]
`)
    using client = new GrpcClient(server.target, LIMITR)
    const said = { metadata: { authorization: `Bearer ${token}` } }
    const alice = { domain: 'api', limitKey: 'user:alice' }
    const codes = await Promise.all(
      [
        client.ask('ConsumeAndCheckLimit', alice),
        client.ask('ConsumeAndCheckLimit', alice, said),
        client.ask('ConsumeAndCheckLimit', { ...alice, domain: 'other' }, said),
        client.ask('GetBucketStatus', alice, said),
        client.ask('GetCurrentConfig', {}, said),
        client.ask('HealthCheck', {}),
      ].map((one) => one.then(() => status.OK).catch(({ code }) => code)),
    )
    const { OK, UNAUTHENTICATED, PERMISSION_DENIED } = status
    expect(codes).toEqual([UNAUTHENTICATED, OK, PERMISSION_DENIED, PERMISSION_DENIED, PERMISSION_DENIED, OK])
  })
})
