import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { documentedUser } from '../../../limiter/test/documented-user.ts'
import { RedisServer } from '../../../limiter/test/redis-server.ts'
import { TRIAL } from '../../src/cli/doctor/redis/permission-check.ts'
import { ConfigFolder } from '../e2e/config-folder.ts'
import { HeadgateProcess } from '../e2e/headgate-process.ts'
import { examine, notable } from './examine.ts'

const folder = mkdtempSync(join(tmpdir(), 'headgate-doctor-'))
let redis: RedisServer

beforeAll(async () => {
  const args = ['--maxmemory', '100mb', '--maxmemory-policy', 'noeviction']
  redis = await RedisServer.start({ appendOnlyIn: folder, args })
})

afterAll(async () => {
  await redis?.stop()
  rmSync(folder, { recursive: true })
})

/** A busy machine is no Redis that is too slow. */
const patient = (url: string): string => `{ url: "${url}", deadline: 10s }`

describe('headgate doctor on Redis', () => {
  it('finds nothing where all is as the documents say, and leaves nothing there', async () => {
    const findings = await examine(patient(redis.url))
    expect(notable(findings)).toEqual({})
    expect(findings.map(({ check }) => check)).toEqual(
      expect.arrayContaining([
        ...['configuration', 'exposure', 'node', 'variables', 'secret-files', 'connection', 'server-version'],
        ...['eviction', 'persistence', 'replication', 'permissions', 'clock', 'round-trip', 'decision-time'],
      ]),
    )
    expect(await redis.command('KEYS', '*')).toEqual([])
  })

  it('tries all commands that scripts are permitted', () => {
    const beside = ['eval', 'evalsha', 'info', 'client|setname']
    const permitted = documentedUser.rules.flatMap((rule) => (rule.startsWith('+') ? [rule.slice(1)] : []))
    const tried = [...TRIAL.matchAll(/try\('(\w+)'/g)].map(([, name = '']) => name.toLowerCase())
    expect(tried.sort()).toEqual(permitted.filter((name) => !beside.includes(name)).sort())
  })

  it('names commands that are refused, and what goes unknown without INFO', async () => {
    await using server = await RedisServer.start({ user: { name: 'limiter', password: 's3cret' } })
    for (const command of ['setrange', 'zadd', 'info']) {
      await server.command('ACL', 'SETUSER', 'limiter', `-${command}`)
    }
    const findings = await examine(patient(server.url))
    const refused = findings.filter(({ check }) => check === 'permissions')
    expect(refused.map(({ state, message }) => [state, message.split(' ')[0]])).toEqual([
      ['error', 'SETRANGE'],
      ['error', 'ZADD'],
    ])
    expect(notable(findings)['info']).toMatch(/^warning: INFO is refused/)
  })

  it('says that a password is wrong, and shows neither', async () => {
    await using server = await RedisServer.start({ user: { name: 'limiter', password: 's3cret' } })
    const findings = await examine(patient(server.url.replace('s3cret', 'wr0ng')))
    expect(notable(findings)).toEqual({
      connection: expect.stringMatching(/^error: it refuses user or password: WRONGPASS/),
      'secret-files': expect.stringMatching(/^warning: every user of this machine can read the secrets in/),
    })
    expect(JSON.stringify(findings)).not.toMatch(/s3cret|wr0ng/)
  })

  it('says that keys may be dropped, or that there is no end to them', async () => {
    await redis.command('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru')
    const dropping = notable(await examine(patient(redis.url)))
    await redis.command('CONFIG', 'SET', 'maxmemory', '0')
    const endless = notable(await examine(patient(redis.url)))
    await redis.command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction', 'maxmemory', '100mb')
    expect(dropping).toEqual({ eviction: expect.stringMatching(/^error: maxmemory-policy is allkeys-lru/) })
    expect(endless).toEqual({
      eviction: expect.stringMatching(/^warning: maxmemory is not set.*allkeys-lru/),
    })
  })

  it('says that writes fail, and why', async () => {
    await redis.fillMemory()
    const found = notable(await examine(patient(redis.url)))
    await redis.freeMemory()
    expect(found).toEqual({ writes: expect.stringMatching(/^error: SET.* fails: .*(OOM|maxmemory)/) })
  })

  it('ends where a server is frozen, whose finding says so, and sets the exit code', async () => {
    using config = new ConfigFolder(
      `version: 1\nstore: ${patient(redis.url)}\npolicies: [{ name: a, rules: [1/s] }]\n`,
    )
    redis.freeze()
    const start = performance.now()
    const { code, stdout } = await HeadgateProcess.run(['doctor', '--config', config.file, '--json'])
    const tookMs = performance.now() - start
    redis.resume()
    const { state, findings } = JSON.parse(stdout)
    expect([code, state]).toEqual([2, 'error'])
    expect(notable(findings)['connection']).toMatch(/does not answer/)
    expect(tookMs).toBeLessThan(10_000)
  })

  it('prints a table with the worst first, and warns by its exit code', async () => {
    using config = new ConfigFolder('version: 1\npolicies: [{ name: a, rules: [1/s], onStoreError: open }]\n')
    const { code, stdout } = await HeadgateProcess.run(['doctor', '--config', config.file], {
      HEADGATE_PROT: '1',
    })
    const states = stdout.split('\n').flatMap((line) => /^(error|warning|ok) /.exec(line)?.[1] ?? [])
    expect([code, states.slice(0, 3)]).toEqual([1, ['warning', 'warning', 'ok']])
    expect(stdout).toContain('HEADGATE_PROT')
    expect(stdout).toContain('→ let onStoreError be local')
    expect(stdout.trimEnd()).toMatch(/0 errors, 2 warnings, \d+ fine$/)
  })
})

describe('headgate doctor', () => {
  it('says what is wrong with a configuration, and looks no further', async () => {
    const findings = await examine('{ url: memory, deadlin: 5ms }')
    expect(notable(findings)).toEqual({ configuration: expect.stringMatching(/error: .*:2:.*deadlin/) })
    expect(findings.map(({ check }) => check)).not.toContain('exposure')
  })

  it('says who can reach the service without tokens', async () => {
    const found = notable(await examine('', { options: { host: '0.0.0.0', adminHost: '0.0.0.0' } }))
    expect(found).toEqual({
      exposure: expect.stringMatching(/^warning: without tokens everybody who reaches 0\.0\.0\.0/),
      'admin-exposure': expect.stringMatching(/^error: .*everybody who reaches 0\.0\.0\.0/),
    })
    const tokens = `tokens: [{ name: a, hash: "sha256:${'0'.repeat(64)}", scopes: [read] }]\n`
    const policies = `${tokens}policies: [{ name: a, rules: [1/s] }]\n`
    expect(notable(await examine('', { policies, options: { host: '0.0.0.0' } }))).toEqual({
      exposure: 'warning: tokens travel to 0.0.0.0 without TLS: http, grpc, resp',
    })
  })
})
