/** With `hashKeys` no identity leaves the process readable, in whatever spelling; calls go on naming whom they are about. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RedisServer } from '../../../limiter/test/redis-server.ts'
import { HeadgateProcess } from './headgate-process.ts'

const people = [
  'alice.zq@example.org',
  'bob.zq@example.org',
  'plain-key-4711',
  '203.0.113.77',
  '2001:db8:77aa::1',
  'api-key-4711',
]
const [alice, bob, plainKey, ip, ip6, apiKey] = people as [string, string, string, string, string, string]
const folder = mkdtempSync(join(tmpdir(), 'headgate-hash-keys-'))
const config = join(folder, 'headgate.yaml')
const text = (limit: string): string => `store: { url: memory, deadline: 1s }
hashKeys: { secretFile: hash-keys.secret }
deny: { user: [bob.zq@example.org] }
policies:
  - { name: users, key: user, missing: skip, rules: [${limit}, 60/h], ban: [1s] }
  - { name: vip, match: { user: ["alice.zq@*"] }, key: [user, ip], rules: [50/h] }
  - { name: keys, key: key, missing: skip, rules: [40/h] }
  - { name: seen, key: ip, missing: skip, mode: shadow, rules: [5/h] }
  - { name: apiKeys, key: apiKey, missing: skip, rules: [40/h] }
`

let redis: RedisServer

beforeAll(async () => {
  writeFileSync(join(folder, 'hash-keys.secret'), 'a secret of a test, 32 bytes long\n')
  redis = await RedisServer.start()
})

afterAll(async () => {
  rmSync(folder, { recursive: true })
  await redis?.stop()
})

/** Where an identity can be read: as it is, in hexadecimal, in UTF-16, and in base64 wherever it begins. */
function formsOf(identity: string): string[] {
  const bytes = Buffer.from(identity)
  // A text in base64 looks like one of three, but for its ends.
  const base64 = [0, 1, 2].map((before) =>
    Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .slice(before === 0 ? 0 : 4, -4),
  )
  return [identity, bytes.toString('hex'), [...identity].join('\0'), encodeURIComponent(identity), ...base64]
}

/** The identities that can be read in a text, or in what is base64 within it. */
function readable(where: string): string[] {
  const decoded = Array.from(where.matchAll(/[\w+/-]{16,}/g), ([part]) =>
    Buffer.from(part, 'base64').toString('latin1'),
  )
  const all = [where, ...decoded].join('\n').toLowerCase()
  return people.filter((one) => formsOf(one).some((form) => all.includes(form.toLowerCase())))
}

/** All that clients of the server send from now on, scripts too, until `end`. */
async function monitor(server: RedisServer): Promise<{ end(): Promise<string> }> {
  const socket = connect(server.port, '127.0.0.1')
  let seen = ''
  socket.on('data', (data) => (seen += data.toString('latin1')))
  const { username, password } = new URL(server.adminUrl)
  socket.write(`AUTH ${username} ${password}\r\nMONITOR\r\n`)
  await expect.poll(() => seen).toContain('+OK\r\n+OK')
  return {
    async end() {
      await server.command('ECHO', 'the-end')
      await expect.poll(() => seen).toContain('the-end')
      socket.destroy()
      return seen
    },
  }
}

async function stored(server: RedisServer): Promise<string> {
  const keys = (await server.command('KEYS', '*')) as string[]
  const values = await Promise.all(keys.map((key) => server.command('DUMP', key)))
  return [...keys, ...values.map(String)].join('\n')
}

/** Asks all that can be asked over HTTP; returns the answers, but for those that repeat what the caller sent. */
async function traffic(headgate: HeadgateProcess): Promise<string[]> {
  const answers: string[] = []
  const keep = ({ status, headers, body }: Awaited<ReturnType<HeadgateProcess['get']>>) => {
    expect([200, 429]).toContain(status)
    answers.push(JSON.stringify([status, [...headers], body]))
    return body
  }
  const post = async (path: string, body: object) => keep(await headgate.post(path, body))
  const attributes = { user: alice, ip, path: '/x' }
  const { receipt } = await post('/v1/consume', { attributes, cost: 2 })
  expect(await post('/v1/refund', { receipt })).toEqual({ refunded: 2 })
  for (const who of [
    { key: plainKey },
    { attributes: { user: bob } },
    { attributes: { user: 'zq-carol', ip: ip6, apiKey } },
  ]) {
    for (const call of ['consume', 'peek', 'charge', 'credit']) await post(`/v1/${call}`, { ...who, cost: 1 })
  }
  await post('/v1/consume', { key: plainKey, limit: '9/s' })
  await post('/v1/batch', { requests: [{ attributes }, { key: plainKey }] })
  const { reservation } = await post('/v1/reserve', { attributes, cost: 2 })
  const extended = await post('/v1/extend', { reservation, more: 1 })
  expect(await post('/v1/settle', { reservation: extended.reservation, actual: 5 })).toMatchObject({
    settled: true,
  })
  await post('/v1/wait', { attributes, timeout: '1s' })
  await headgate.post('/v1/consume', { attributes: { user: alice, ip: `${ip}x` } })
  for (let n = 0; n < 9; n++)
    await post('/v1/consume', { attributes: { ...attributes, user: 'alice.zq@x' }, cost: 5 })
  for (const path of ['/v1/policies', '/readyz', '/livez']) keep(await headgate.get(path))
  return answers
}

/** Blocks, explains and resets by the plain identity. */
async function reach(headgate: HeadgateProcess): Promise<void> {
  const attributes = { user: alice, ip }
  const blocked = await headgate.post('/v1/block', { attributes, duration: '1h', policy: 'vip' })
  expect(blocked.body).toEqual({ policies: ['vip'] })
  const explained = await headgate.post('/v1/explain', { attributes })
  expect(explained.body.decision).toMatchObject({ allowed: false, reason: 'blocked' })
  expect(explained.body.policies[1].key).toEqual({ user: alice, ip })
  expect((await headgate.post('/v1/unblock', { attributes, policy: 'vip' })).status).toBe(200)
  expect((await headgate.post('/v1/reset', { attributes })).body.policies).toEqual(['users', 'vip', 'seen'])
  const left = await headgate.post('/v1/peek', { attributes, cost: 0, policy: 'users' })
  expect(left.body).toMatchObject({ allowed: true, remaining: 20 })
}

describe('headgate serve with hashKeys', () => {
  it('names nobody in Redis, in what it sends there, in answers and in its log, and finds everybody', async () => {
    writeFileSync(config, text('20/min'))
    const monitored = await monitor(redis)
    await using headgate = await HeadgateProcess.serve([
      '-c',
      config,
      '-s',
      redis.url,
      '--log-level',
      'trace',
    ])
    await expect.poll(async () => (await headgate.get('/readyz')).status).toBe(200)
    const answers = await traffic(headgate)
    const before = await stored(redis)
    writeFileSync(config, text('21/min').replace('alice.zq@*', 'alice.zq@example.*'))
    await expect.poll(() => headgate.stdout).toContain('another configuration')
    writeFileSync(config, text('20/min'))
    await expect.poll(() => headgate.stdout.match(/another configuration/g)?.length).toBe(2)
    await reach(headgate)
    const sent = await monitored.end()
    const { stdout, stderr } = await headgate.stop()
    expect(sent).toContain('{users:~h')
    expect(before).toContain('{vip:~h')
    for (const where of [...answers, before, await stored(redis), sent, stdout, stderr]) {
      expect(readable(where)).toEqual([])
    }
    expect(stderr).not.toContain('HEADGATE_HASH_KEYS')
  })

  it('names nobody in a snapshot of memory, and finds everybody after a restart', async () => {
    writeFileSync(config, text('20/min'))
    const snapshot = join(folder, 'state')
    const args = ['-c', config, '--snapshot', snapshot, '--log-level', 'trace']
    {
      await using first = await HeadgateProcess.serve(args)
      const answers = await traffic(first)
      const { stdout, stderr } = await first.stop()
      for (const where of [...answers, readFileSync(snapshot, 'latin1'), stdout, stderr]) {
        expect(readable(where)).toEqual([])
      }
    }
    await using second = await HeadgateProcess.serve(args)
    const { body } = await second.post('/v1/peek', { key: plainKey, policy: 'keys', cost: 0 })
    expect(body.remaining).toBeLessThan(40)
    await reach(second)
  })

  it('would be seen to name somebody, whatever the spelling', () => {
    const token = (payload: object): string =>
      `r1.id.${Buffer.from(JSON.stringify(payload)).toString('base64url')}.x`
    for (const one of people) {
      const texts = [
        `{users:${one}}`,
        `user=${encodeURIComponent(one)}`,
        token([1, one]),
        token([12, one]),
        token([123, one]),
      ]
      const bytes = [Buffer.from(one).toString('hex'), Buffer.from(one, 'utf16le').toString('latin1')]
      for (const text of [...texts, ...bytes]) expect(readable(text)).toEqual([one])
    }
  })
})
