import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { describe, expect, it } from 'vitest'
import { newToken, tokenHash } from '../../src/service/access/token-text.ts'
import { respServer } from './resp-server.ts'

const run = promisify(execFile)
const token = newToken()
const WITH_TOKEN = `
tokens: [{ name: all, hash: "${tokenHash(token)}", scopes: [consume, adjust, admin] }]
policies: [{ name: api, key: user, rules: [{ limit: 5/min, burst: 5 }] }]
`

describe('clients of Redis', () => {
  it('redis-cli', async () => {
    await using server = await respServer(WITH_TOKEN)
    const cli = async (...args: readonly string[]): Promise<string> => {
      const all = ['-p', String(server.port), '--no-auth-warning', '-a', token, ...args]
      return (await run('redis-cli', all)).stdout
    }
    expect(await cli('PING')).toBe('PONG\n')
    expect(await cli('CL.THROTTLE', 'user123', '15', '30', '60')).toBe('0\n16\n15\n-1\n2\n')
    expect(await cli('-3', 'HG.CONSUME', 'api', 'user=alice')).toMatch(
      /^allowed \(true\)\nreason within-limit\n/,
    )
  })

  it.each([2, 3] as const)('ioredis, in version %i', async (protocol) => {
    await using server = await respServer(WITH_TOKEN)
    const client = new Redis({ port: server.port, password: token, protocol, lazyConnect: true })
    await client.connect()
    expect(await client.ping()).toBe('PONG')
    expect(await client.call('CL.THROTTLE', 'k', 0, 1, 60)).toEqual([0, 1, 0, -1, 60])
    const piped = client.pipeline()
    for (let i = 0; i < 6; i++) piped.call('HG.CONSUME', 'api', 'user=alice')
    const answers = (await piped.exec()) as [null, unknown][]
    const allowed = answers.map(([, answer]) => JSON.stringify(answer).includes('within-limit'))
    expect(allowed).toEqual([true, true, true, true, true, false])
    await client.quit()
  })

  it.each([2, 3] as const)('redis, in version %i', async (RESP) => {
    await using server = await respServer(WITH_TOKEN)
    const client = createClient({ socket: { port: server.port, host: '127.0.0.1' }, password: token, RESP })
    client.on('error', () => {})
    await client.connect()
    expect(await client.sendCommand(['CL.THROTTLE', 'k', '0', '1', '60'])).toEqual([0, 1, 0, -1, 60])
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, i) => client.sendCommand(['HG.PEEK', 'api', `user=${i}`])),
    )
    expect(answers).toHaveLength(100)
    await expect(client.sendCommand(['HG.PEEK', 'nope', 'user=a'])).rejects.toThrow('NOTFOUND unknown-policy')
    await client.close()
  })

  it('redis-benchmark', async () => {
    await using server = await respServer()
    const args = ['-p', String(server.port), '-n', '2000', '-c', '20', '-P', '16', '--csv']
    const { stdout } = await run('redis-benchmark', [...args, 'CL.THROTTLE', 'k', '10', '100', '60'])
    expect(stdout).toMatch(/^"CL.THROTTLE k 10 100 60","[\d.]+"/m)
  })
})
