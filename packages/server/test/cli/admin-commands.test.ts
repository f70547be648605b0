import { describe, expect, it } from 'vitest'
import { adminOf } from '../admin/admin-server.ts'
import { runCommand } from './run-command.ts'
import { json, scripted } from './scripted-service.ts'

const FILE = `
policies:
  - { name: api, key: user, rules: [10/min] }
  - { name: trial, key: user, mode: shadow, rules: [2/min] }
`

describe('headgate usage', () => {
  it('says what is used under the keys of somebody, and until when they are blocked', async () => {
    await using admin = await adminOf(FILE)
    await admin.at.consume({ user: 'alice' }, 3)
    const line = ['usage', 'user=alice', '--admin-url', admin.url]
    const table = `POLICY  KEY    RULE         RATE    USED  LEFT  ALL BACK IN
api     alice  1m           10/min     3     7  1m
trial   alice  1m (shadow)  2/min      0     2  -
`
    expect(await runCommand(line)).toEqual({ code: 0, stdout: table, stderr: '' })
    await admin.service.block({ user: 'alice' }, '10m', { transport: 'test', policy: 'api' })
    expect((await runCommand(line)).stdout).toBe(`${table}api alice: blocked for 10m\n`)
    const { stdout } = await runCommand([...line, '--policy', 'api', '--json'])
    expect(JSON.parse(stdout)).toMatchObject({ policies: [{ policy: 'api', blockedForMs: 600_000 }] })
    expect((await runCommand(['usage', 'role=x', '--admin-url', admin.url])).stdout).toBe(
      'no policy has a key that these attributes determine\n',
    )
  })
})

describe('headgate usage without the store', () => {
  it.each([
    ['fallback', 'this is what this instance counted itself'],
    ['open', 'this is not known, and all passes'],
    ['closed', 'this is not known, and nothing passes'],
  ])('says so where the source is %s', async (source, what) => {
    const usage = { policy: 'api', key: 'alice', blockedForMs: null, source, rules: [] }
    await using service = await scripted((_, response) => json(response, { policies: [usage] }))
    const { stdout } = await runCommand(['usage', 'user=alice', '--admin-url', service.url])
    expect(stdout).toBe(`api alice: the store does not answer; ${what}\n`)
  })
})

describe('headgate denials', () => {
  it('lists the last, and finds one by its id', async () => {
    await using admin = await adminOf(FILE)
    const run = (...more: string[]) => runCommand(['denials', ...more, '--admin-url', admin.url])
    expect((await run()).stdout).toBe('nothing was denied here lately\n')
    await admin.at.consume({ user: 'alice' }, 10)
    const id = (await admin.at.consume({ user: 'alice' })) ?? ''
    const row = `22:13:20  api     1m    limited  alice  1m    ${id}`
    const head = 'AT        POLICY  RULE  REASON   KEY    WAIT  ID'
    expect(await run()).toEqual({ code: 0, stdout: `${head}\n${row}\n`, stderr: '' })
    expect((await run(id)).stdout).toBe(`${head}\n${row}\n`)
    expect(JSON.parse((await run(id, '--json')).stdout)).toMatchObject({ id, reason: 'limited' })
    const none = await run('../policies')
    expect([none.code, none.stdout]).toEqual([2, ''])
    expect(none.stderr).toContain('no such denial is kept here')
  })
})

describe('headgate top', () => {
  it('shows the keys that ask most, once where nobody looks on', async () => {
    await using admin = await adminOf(FILE)
    for (const user of ['alice', 'alice', 'alice', 'bob']) await admin.at.consume({ user })
    const run = (...more: string[]) =>
      runCommand(['top', '--policy', 'api', '--admin-url', admin.url, ...more])
    expect(await run()).toEqual({
      code: 0,
      stdout: `requests of the last 0ms: 4 in all

REQUESTS  SHARE  POLICY  KEY
       3  75 %   api     alice
       1  25 %   api     bob
`,
      stderr: '',
    })
    expect((await run('--by', 'denied')).stdout).toBe('denied of the last 0ms: 0 in all\n')
    expect(JSON.parse((await run('--json', '--count', '1')).stdout)).toMatchObject({
      by: 'requests',
      keys: [{ key: 'alice', count: 3 }],
    })
    const wrong = await run('--by', 'size')
    expect([wrong.code, wrong.stdout]).toEqual([2, ''])
  })

  it('shows between what a count is that was estimated', async () => {
    const window = { from: 0, to: 60_000 }
    const keys = [
      { policy: 'api', key: 'alice', count: 90, error: 74, margin: 30 },
      { policy: 'api', key: 'bob', count: 5, error: 0, margin: 0 },
    ]
    const answer = { by: 'requests', window, total: 100, sampledOneIn: 4, counters: 16, keys }
    await using service = await scripted((_, response) => json(response, answer))
    const ran = await runCommand(['top', '--admin-url', service.url])
    expect(ran.stdout).toBe(`requests of the last 1m: 100 in all, estimated from one in 4

REQUESTS  SHARE  POLICY  KEY
  16–120  90 %   api     alice
       5  5 %    api     bob
`)
  })

  it('shows them again and again on a terminal, also after a service that was away', async () => {
    const admin = await adminOf(FILE)
    const ending = new AbortController()
    const slept: number[] = []
    const ran = await runCommand(['top', '--every', '3s', '--admin-url', admin.url], {
      isTTY: true,
      signal: ending.signal,
      onSleep: async (ms) => {
        slept.push(ms)
        if (slept.length === 1) await admin[Symbol.asyncDispose]()
        else ending.abort()
      },
    })
    expect([ran.code, slept]).toEqual([0, [3000, 3000]])
    expect(ran.stdout).toBe(
      `\x1b[H\x1b[Jrequests of the last 0ms: 0 in all\n\x1b[H\x1b[JNothing listens on ${admin.url}; start headgate serve with its --admin-port, or give --admin-url where it listens\n`,
    )
  })
})
