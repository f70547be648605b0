import { describe, expect, it } from 'vitest'
import { newToken, tokenHash } from '../../src/service/access/token-text.ts'
import { type RespClient, respServer } from './resp-server.ts'

/** An error reply. */
const error = (text: string): Error => expect.objectContaining({ message: expect.stringContaining(text) })

async function connected(
  config?: string,
): Promise<{ readonly ask: RespClient['ask']; readonly client: RespClient } & AsyncDisposable> {
  const server = await respServer(config)
  const client = await server.connect()
  await client.ask('HELLO', '3')
  return {
    client,
    ask: (...args) => client.ask(...args),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

describe('HG commands', () => {
  it('consume, peek, charge and credit under a policy, or under all that match', async () => {
    await using server = await connected()
    const { ask } = server
    expect(await ask('HG.CONSUME', 'api', 'user=alice', 'COST', '2')).toMatchObject({
      allowed: true,
      reason: 'within-limit',
      policy: 'api',
      limit: 5,
      remaining: 3,
      cost: 2,
      retry_after_ms: 0,
      receipt: expect.stringMatching(/^r1\./),
    })
    expect(await ask('hg.peek', '*', 'user=alice', 'cost', '3')).toMatchObject({
      allowed: true,
      receipt: null,
    })
    expect(await ask('HG.CHARGE', 'api', 'user=alice', 'COST', '9')).toMatchObject({
      allowed: true,
      remaining: 0,
    })
    const denied = await ask('HG.CONSUME', '*', 'user=alice')
    expect(denied).toMatchObject({ allowed: false, reason: 'limited', receipt: null, id: expect.any(String) })
    expect(denied.retry_after_ms).toBeGreaterThan(0)
    expect(await ask('HG.CREDIT', 'api', 'user=alice', 'COST', '9')).toMatchObject({ credited: 9 })
  })

  it('take a limit, and a value with an equals sign', async () => {
    await using server = await connected()
    const { ask } = server
    expect(await ask('HG.CONSUME', 'api', 'user=a=b', 'LIMIT', '2/min', 'DEADLINE', '20ms')).toMatchObject({
      limit: 2,
      remaining: 1,
    })
    expect(await ask('HG.EXPLAIN', 'api', 'user=a=b')).toMatchObject({
      policies: [{ policy: 'api', key: { user: 'a=b' } }],
    })
  })

  it('refund by receipt, once', async () => {
    await using server = await connected()
    const { ask } = server
    const { receipt } = await ask('HG.CONSUME', 'api', 'user=alice', 'COST', '3')
    expect(await ask('HG.REFUND', receipt, '2')).toBe(2)
    expect(await ask('HG.REFUND', receipt)).toBe(0)
    expect(await ask('HG.REFUND', `${receipt}x`)).toEqual(error('ERR invalid-receipt'))
  })

  it('reserve, extend, settle and cancel', async () => {
    await using server = await connected()
    const { ask } = server
    const { reservation, held } = await ask('HG.RESERVE', 'api', 'user=alice', 'COST', '2', 'TTL', '1m')
    expect(held).toBe(2)
    const extended = await ask('HG.EXTEND', reservation, '1')
    expect(extended).toMatchObject({ allowed: true, held: 3 })
    expect(await ask('HG.SETTLE', extended.reservation, '1')).toEqual({ settled: true, actual: 1 })
    expect(await ask('HG.SETTLE', extended.reservation, '2')).toEqual({ settled: false, actual: 1 })
    expect(await ask('HG.PEEK', 'api', 'user=alice', 'COST', '0')).toMatchObject({ remaining: 4 })
    const other = await ask('HG.RESERVE', 'api', 'user=alice', 'COST', '4')
    expect(await ask('HG.CANCEL', other.reservation)).toEqual({ settled: true, actual: 0 })
  })

  it('block, unblock and reset, and say whom they reached', async () => {
    await using server = await connected()
    const { ask } = server
    expect(await ask('HG.BLOCK', '*', '10m', 'user=mallory')).toEqual(['api'])
    expect(await ask('HG.CONSUME', '*', 'user=mallory')).toMatchObject({ allowed: false, reason: 'blocked' })
    expect(await ask('HG.UNBLOCK', 'api', 'user=mallory')).toEqual(['api'])
    expect(await ask('HG.CONSUME', '*', 'user=mallory', 'COST', '5')).toMatchObject({
      allowed: true,
      remaining: 0,
    })
    expect(await ask('HG.RESET', '*', 'user=mallory')).toEqual(['api'])
    expect(await ask('HG.PEEK', '*', 'user=mallory', 'COST', '0')).toMatchObject({ remaining: 5 })
  })

  it('reset what CL.THROTTLE counts, under the name resp', async () => {
    await using server = await connected()
    const { ask } = server
    expect(await ask('CL.THROTTLE', 'k', '0', '1', '60')).toEqual([0, 1, 0, -1, 60])
    expect(await ask('CL.THROTTLE', 'k', '0', '1', '60')).toEqual([1, 1, 0, 60, 60])
    expect(await ask('HG.RESET', 'resp', 'key=k')).toEqual(['resp'])
    expect(await ask('CL.THROTTLE', 'k', '0', '1', '60')).toEqual([0, 1, 0, -1, 60])
  })

  it.each<[string[], string]>([
    [['HG.CONSUME'], 'ERR wrong number of arguments; usage: HG.CONSUME <policy|*> <name=value>…'],
    [['HG.CONSUME', 'apx', 'user=a'], 'NOTFOUND unknown-policy'],
    [['HG.CONSUME', 'api', 'user=a', 'COST', '-1'], 'ERR invalid-cost at cost: "-1" is no whole number'],
    [['HG.CONSUME', 'api', 'user=a', 'COST', '1.5'], 'ERR invalid-cost at cost'],
    [['HG.CONSUME', 'api', 'user=a', 'COST', '9007199254740993'], 'ERR invalid-cost at cost'],
    [['HG.CONSUME', 'api', 'user=a', 'COST'], 'COST needs a value behind it'],
    [['HG.CONSUME', 'api', 'user=a', 'COST', '1', 'COST', '1'], 'COST is there twice'],
    [['HG.CONSUME', 'api', 'user=a', 'TTL', '1m'], '"TTL" is neither an attribute nor an option'],
    [['HG.CONSUME', 'api', 'user=a', 'LIMIT', 'often'], 'ERR invalid-rule at limit'],
    [['HG.CONSUME', 'api', 'user=a', 'DEADLINE', '2h'], 'ERR invalid-request at deadline'],
    [
      ['HG.CONSUME', 'api', 'alice'],
      '"alice" is neither an attribute nor an option; attributes are name=value',
    ],
    [['HG.CONSUME', 'api', '=alice'], 'has no name; write an attribute as user=alice'],
    [
      ['HG.CONSUME', 'api', 'user=a', 'user=b'],
      'ERR invalid-request at attributes.user: "user" is there twice',
    ],
    [['HG.RESET', '*', 'tenant=a'], 'ERR invalid-key'],
    [['HG.BLOCK', 'api', 'soon', 'user=a'], 'ERR invalid-options at duration'],
    [['HG.SETTLE', 'v1.a.b.c', '1'], 'ERR invalid-receipt'],
    [['HG.EXTEND', 'v1.a.b.c', 'x'], 'ERR invalid-request at more'],
    [['NOPE', 'a'], 'ERR unknown command "NOPE"'],
    [['GET', 'a'], 'ERR unknown command "GET"'],
    [['SELECT', '1'], 'ERR there is database 0 alone'],
    [['HELLO', '4'], 'NOPROTO versions 2 and 3 are spoken here'],
    [['HELLO', '3', 'SETNAME'], 'ERR HELLO takes a version'],
    [['AUTH', 'hgt_x'], 'the service takes calls without a token; leave out AUTH'],
    [['CLIENT', 'KILL', 'x'], 'ERR CLIENT KILL is not there'],
    [['CLIENT', 'SETNAME', 'a b'], 'ERR a name has up to 64 visible characters'],
    [['COMMAND', 'GETKEYS'], 'ERR COMMAND takes COUNT, LIST, INFO and DOCS'],
  ])('%j is an error, after which the connection goes on', async (command, text) => {
    await using server = await connected()
    expect(await server.ask(...command)).toEqual(error(text))
    expect(await server.ask('PING')).toBe('PONG')
  })

  it('answer maps as lists in version 2', async () => {
    await using server = await respServer()
    const client = await server.connect()
    const answer = await client.ask('HG.CONSUME', 'api', 'user=alice')
    expect(answer.slice(0, 4)).toEqual(['allowed', 1, 'reason', 'within-limit'])
    expect(answer).toHaveLength(22)
    expect(await client.ask('HG.PEEK', 'api', 'user=alice')).toEqual(
      expect.arrayContaining(['receipt', null]),
    )
  })
})

describe('commands of a connection', () => {
  it('greet in either version, and remember a name', async () => {
    await using server = await respServer()
    const client = await server.connect()
    expect(await client.ask('HELLO')).toEqual(expect.arrayContaining(['proto', 2, 'mode', 'standalone']))
    expect(await client.ask('HELLO', '3', 'SETNAME', 'cart')).toMatchObject({
      server: 'headgate',
      proto: 3,
      modules: [],
    })
    expect(await client.ask('CLIENT', 'GETNAME')).toBe('cart')
    expect(await client.ask('CLIENT', 'ID')).toBeGreaterThan(0)
    expect(await client.ask('CLIENT', 'SETINFO', 'LIB-NAME', 'x')).toBe('OK')
    expect(await client.ask('SELECT', '0')).toBe('OK')
    expect(await client.ask('ECHO', 'ä')).toBe('ä')
    expect(await client.ask('PING', 'hello')).toBe('hello')
    expect(await client.ask('RESET')).toBe('RESET')
    expect(await client.ask('CLIENT', 'GETNAME')).toBeNull()
  })

  it('describe themselves', async () => {
    await using server = await connected()
    const { ask } = server
    const count = await ask('COMMAND', 'COUNT')
    expect(await ask('COMMAND')).toHaveLength(count)
    expect(await ask('COMMAND', 'LIST')).toContain('cl.throttle')
    expect(await ask('COMMAND', 'INFO', 'cl.throttle', 'get')).toEqual([
      ['cl.throttle', -5, ['write', 'fast'], 1, 1, 1],
      null,
    ])
    expect(await ask('COMMAND', 'DOCS', 'hg.refund')).toEqual({
      'hg.refund': { summary: '<receipt> [<cost>]' },
    })
    expect(await ask('INFO')).toMatch(/loading:0\r\n[\s\S]*role:master[\s\S]*policies:1\r\n/)
  })

  it('end with QUIT, once everything before is answered', async () => {
    await using server = await respServer()
    const client = await server.connect()
    for (const command of [['PING'], ['HG.CONSUME', 'api', 'user=a'], ['QUIT'], ['PING']])
      client.send(...command)
    expect(await client.read()).toBe('PONG')
    expect(await client.read()).toHaveLength(22)
    expect(await client.read()).toBe('OK')
    expect(await client.read()).toBe('closed')
  })
})

describe('tokens over the Redis protocol', () => {
  const token = newToken()
  const config = `
tokens: [{ name: cart, hash: "${tokenHash(token)}", scopes: [consume], policies: [api] }]
policies: [{ name: api, key: user, rules: [5/min] }, { name: other, key: user, rules: [5/min] }]
`

  it('are needed for everything but to give one', async () => {
    await using server = await respServer(config)
    const client = await server.connect()
    for (const command of [
      ['PING'],
      ['HG.CONSUME', 'api', 'user=a'],
      ['INFO'],
      ['COMMAND'],
      ['HELLO', '3'],
    ]) {
      expect(await client.ask(...command)).toEqual(error('NOAUTH unauthenticated'))
    }
    expect(await client.ask('AUTH', newToken())).toEqual(error('NOAUTH unauthenticated: the token is none'))
    expect(await client.ask('AUTH', 'default', token)).toBe('OK')
    expect(await client.ask('PING')).toBe('PONG')
    const info = await client.ask('INFO')
    expect(info).toContain('loading:0')
    expect(info).not.toContain('policies:')
  })

  it('confine a connection as they do a request', async () => {
    await using server = await respServer(config)
    const client = await server.connect()
    expect(await client.ask('HELLO', '3', 'AUTH', 'default', token)).toMatchObject({ proto: 3 })
    expect(await client.ask('HG.CONSUME', 'api', 'user=a')).toMatchObject({ allowed: true })
    expect(await client.ask('HG.CONSUME', 'other', 'user=a')).toEqual(error('NOPERM forbidden'))
    expect(await client.ask('HG.CONSUME', '*', 'user=a')).toEqual(error('NOPERM forbidden'))
    expect(await client.ask('HG.RESET', 'api', 'user=a')).toEqual(error('NOPERM forbidden'))
    expect(await client.ask('CL.THROTTLE', 'k', '1', '1', '1')).toEqual(error('NOPERM forbidden'))
  })

  it('end with the configuration that had them', async () => {
    await using server = await respServer(config)
    const client = await server.connect()
    await client.ask('AUTH', token)
    const { tokens: _, hash: _h, ...rest } = server.service.configuration()
    const others = [{ name: 'other', hash: tokenHash(newToken()), scopes: ['admin'] }] as const
    server.service.apply({ ...rest, tokens: others, hash: 'another' })
    expect(await client.ask('PING')).toEqual(error('NOAUTH'))
  })
})
