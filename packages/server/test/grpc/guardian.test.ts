import { once } from 'node:events'
import { status } from '@grpc/grpc-js'
import { describe, expect, it } from 'vitest'
import { newToken, tokenHash } from '../../src/service/access/token-text.ts'
import { failingStore, GrpcClient, type GrpcServer, GUARDIAN, grpcServer, LIMITER } from './grpc-server.ts'

const POLICIES = `
policies:
  - { name: clients, match: { domain: guardian }, key: key, rules: [{ limit: 10/s, burst: 100 }] }
  - { name: others, match: { domain: api }, key: key, rules: [5/min] }
`
const serve = (config = POLICIES, store?: Parameters<typeof grpcServer>[1]): Promise<GrpcServer> =>
  grpcServer(config, store, { extras: ['guardian'] })

describe('guardian.RateLimiter', () => {
  it('is off unless it is asked for', async () => {
    await using server = await grpcServer(POLICIES, undefined, { extras: ['limitr'] })
    using client = new GrpcClient(server.target, GUARDIAN)
    await expect(client.ask('GetUsage', { clientId: 'a' })).rejects.toMatchObject({
      code: status.UNIMPLEMENTED,
    })
  })

  it('checks a client, with the wait of a denial', async () => {
    await using server = await serve()
    using client = new GrpcClient(server.target, GUARDIAN)
    const answer = { nodeId: '', fromCache: false, latencyUs: expect.any(Number), isGlobal: true }
    expect(await client.ask('CheckLimit', { clientId: 'a', cost: 90 })).toEqual({
      allowed: true,
      retryAfterSeconds: 0,
      remainingTokens: 10,
      metadata: answer,
    })
    expect(await client.ask('CheckLimit', { clientId: 'a', cost: 45 })).toEqual({
      allowed: false,
      retryAfterSeconds: 4,
      remainingTokens: 10,
      metadata: answer,
    })
    server.clock.advance('4s')
    expect(await client.ask('CheckLimit', { clientId: 'a', cost: 45 })).toMatchObject({ allowed: true })
    expect(await client.ask('CheckLimit', { clientId: 'a' })).toMatchObject({ remainingTokens: 4 })
  })

  it('says that no wait helps a cost above the capacity', async () => {
    await using server = await serve()
    using client = new GrpcClient(server.target, GUARDIAN)
    expect(await client.ask('CheckLimit', { clientId: 'a', cost: 101 })).toMatchObject({
      allowed: false,
      retryAfterSeconds: 2 ** 32 - 1,
      remainingTokens: 100,
    })
  })

  it('spends what clients of other wires spend', async () => {
    await using server = await serve()
    using client = new GrpcClient(server.target, GUARDIAN)
    using ours = new GrpcClient(server.target, LIMITER)
    await client.ask('CheckLimit', { clientId: 'a', cost: 30 })
    const attributes = { domain: 'guardian', key: 'a' }
    expect(await ours.ask('Consume', { attributes })).toMatchObject({ policy: 'clients', remaining: 69 })
  })

  it.each([
    [0, { capacity: 5, refillRate: 1 }, 1],
    [1, { capacity: 5, refillRate: 1, refillIntervalSeconds: 2 }, 2],
    [2, { capacity: 5, refillIntervalSeconds: 10 }, 10],
    [3, { capacity: 5, refillIntervalSeconds: 10 }, 10],
    [4, { capacity: 5, refillIntervalSeconds: 10 }, 10],
  ])('obeys a limit of the call by algorithm %i', async (algorithm, limit, retryAfterSeconds) => {
    await using server = await serve()
    using client = new GrpcClient(server.target, GUARDIAN)
    const overrideConfig = { ...limit, algorithm }
    const ask = (clientId: string, cost: number) =>
      client.ask('CheckLimit', { clientId, cost, overrideConfig })
    expect(await ask('a', 5)).toMatchObject({ allowed: true, remainingTokens: 0 })
    expect(await ask('a', 1)).toMatchObject({ allowed: false, retryAfterSeconds })
    expect(await ask('b', 5)).toMatchObject({ allowed: true })
  })

  it.each([
    ['CheckLimit', { clientId: '' }, 'client_id: it names nobody'],
    ['GetUsage', { clientId: '' }, 'client_id: it names nobody'],
    ['ResetLimit', { clientId: '' }, 'client_id: it names nobody'],
    [
      'CheckLimit',
      { clientId: 'a', overrideConfig: { refillRate: 1 } },
      'override_config.capacity: a capacity is 1 or more',
    ],
    [
      'CheckLimit',
      { clientId: 'a', overrideConfig: { capacity: 1 } },
      'override_config.refill_rate: a rate is 1 or more',
    ],
    [
      'CheckLimit',
      { clientId: 'a', overrideConfig: { capacity: 1, algorithm: 9 } },
      'override_config.algorithm: 9 is no algorithm',
    ],
  ])('refuses %s %j', async (method, message, details) => {
    await using server = await serve()
    using client = new GrpcClient(server.target, GUARDIAN)
    await expect(client.ask(method, message)).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: expect.stringContaining(details),
    })
  })

  it('tells what is used, and spends nothing for it', async () => {
    await using server = await serve()
    using client = new GrpcClient(server.target, GUARDIAN)
    await client.ask('CheckLimit', { clientId: 'a', cost: 30 })
    for (const _ of [1, 2]) {
      expect(await client.ask('GetUsage', { clientId: 'a' })).toMatchObject({
        usedTokens: 30,
        totalCapacity: 100,
        refillRate: 10,
      })
    }
  })

  it('knows no usage where nothing limits', async () => {
    await using server = await serve('policies: [{ name: p, match: { domain: api }, rules: [5/min] }]')
    using client = new GrpcClient(server.target, GUARDIAN)
    expect(await client.ask('CheckLimit', { clientId: 'a' })).toMatchObject({ allowed: true })
    for (const method of ['GetUsage', 'ResetLimit']) {
      await expect(client.ask(method, { clientId: 'a' })).rejects.toMatchObject({
        code: status.NOT_FOUND,
        details: expect.stringContaining('domain: guardian'),
      })
    }
  })

  it('resets a client, and nobody of the same name elsewhere', async () => {
    await using server = await serve()
    using client = new GrpcClient(server.target, GUARDIAN)
    using ours = new GrpcClient(server.target, LIMITER)
    const elsewhere = { attributes: { domain: 'api', key: 'a' } }
    await ours.ask('Consume', elsewhere)
    await client.ask('CheckLimit', { clientId: 'a', cost: 100 })
    expect(await client.ask('ResetLimit', { clientId: 'a' })).toEqual({
      success: true,
      message: 'reset: clients',
    })
    expect(await client.ask('CheckLimit', { clientId: 'a' })).toMatchObject({ remainingTokens: 99 })
    expect(await ours.ask('Consume', elsewhere)).toMatchObject({ policy: 'others', remaining: 3 })
  })

  it('resets for whoever has a token of operators, in the message or beside it', async () => {
    const [cart, operator] = [newToken(), newToken()]
    await using server = await serve(`
tokens:
  - { name: cart, hash: "${tokenHash(cart)}", scopes: [consume, read] }
  - { name: operator, hash: "${tokenHash(operator)}", scopes: [admin] }
${POLICIES}`)
    using client = new GrpcClient(server.target, GUARDIAN)
    const said = { metadata: { authorization: `Bearer ${cart}` } }
    const reset = (adminToken?: string, beside = said) =>
      client.ask('ResetLimit', { clientId: 'a', ...(adminToken && { adminToken }) }, beside).then(
        () => status.OK,
        ({ code }) => code,
      )
    expect(await client.ask('CheckLimit', { clientId: 'a' }, said)).toMatchObject({ allowed: true })
    const { OK, UNAUTHENTICATED, PERMISSION_DENIED } = status
    expect(await reset()).toBe(PERMISSION_DENIED)
    expect(await reset(cart)).toBe(PERMISSION_DENIED)
    expect(await reset(`${operator}x`)).toBe(UNAUTHENTICATED)
    expect(await reset(operator)).toBe(OK)
    expect(await reset(undefined, { metadata: { authorization: `Bearer ${operator}` } })).toBe(OK)
    const overrideConfig = { capacity: 1000, refillRate: 1000 }
    await expect(client.ask('CheckLimit', { clientId: 'a', overrideConfig }, said)).rejects.toMatchObject({
      code: PERMISSION_DENIED,
    })
  })

  it('tells how a client is as long as it listens', async () => {
    await using server = await serve()
    using client = new GrpcClient(server.target, GUARDIAN)
    const told = async () => {
      const stream = client.watch('StreamLimitStatus', { clientId: 'a' })
      stream.on('error', () => {})
      const [message] = await once(stream, 'data')
      stream.cancel()
      return message
    }
    expect(await told()).toMatchObject({ clientId: 'a', remainingTokens: 100, status: 'HEALTHY' })
    await client.ask('CheckLimit', { clientId: 'a', cost: 80 })
    expect(await told()).toMatchObject({ remainingTokens: 20, status: 'THROTTLED' })
    await client.ask('CheckLimit', { clientId: 'a', cost: 20 })
    expect(await told()).toMatchObject({ remainingTokens: 0, status: 'EXHAUSTED' })
  })

  it('is unavailable where the store is and the policy is closed', async () => {
    await using server = await serve(
      POLICIES.replace('key: key,', 'key: key, onStoreError: closed,'),
      failingStore(),
    )
    using client = new GrpcClient(server.target, GUARDIAN)
    await expect(client.ask('CheckLimit', { clientId: 'a' })).rejects.toMatchObject({
      code: status.UNAVAILABLE,
    })
  })
})
