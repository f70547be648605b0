/** `headgate record` and `headgate mirror` beside a service in this process; beside one of threads they are in `threads.long.test.ts`. */
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RecordingTold } from '../../src/service/record/recording-told.ts'
import { type AdminServer, adminOf } from '../admin/admin-server.ts'
import { type Ran, runCommand } from '../cli/run-command.ts'

const FILE = `version: 1
policies:
  - { name: users, key: user, match: { user: '*' }, rules: [5/day] }
  - { name: keys, key: apiKey, match: { apiKey: 'k-*' }, rules: [100/day] }
`
const TIGHTER = FILE.replace('5/day', '2/day')
const CALL = { transport: 'http' } as const

let folder: string
let admin: AdminServer
let told: RecordingTold[]

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-record-'))
  writeFileSync(inFolder('headgate.yaml'), FILE)
  writeFileSync(inFolder('tighter.yaml'), TIGHTER)
  admin = await adminOf(FILE)
  told = []
  admin.service.on('recording', (event) => told.push(event))
})
afterEach(async () => {
  await admin[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

const inFolder = (name: string): string => join(folder, name)

/** A command that runs until `isEnough` says so of its output, once the service says that it records. */
async function begin(
  line: readonly string[],
  isEnough: (stdout: string) => boolean = () => false,
): Promise<{ readonly ran: Promise<Ran>; end(): Promise<Ran> }> {
  const ending = new AbortController()
  const ran = runCommand([...line, '--admin-url', admin.url], {
    signal: ending.signal,
    onOutput: (stdout) => {
      if (isEnough(stdout)) ending.abort()
    },
  })
  await expect.poll(() => told.at(-1)?.action).toBe('start')
  return {
    ran,
    end: () => {
      ending.abort()
      return ran
    },
  }
}

/** Eight requests of a user, of which five pass. */
async function send(user: string): Promise<void> {
  for (let i = 0; i < 8; i++) {
    await admin.service.decide([{ who: { user, apiKey: `k-${user}` } }], CALL)
  }
}

const requestsOf = (text: string): number => text.split('\n').filter((line) => line.includes('"verb"')).length

describe('headgate record', () => {
  it('compresses, keeps to a number of bytes, is for its owner alone, and never writes over a file', async () => {
    const out = ['--out', inFolder('some.ndjson.gz'), '--max-bytes', '600']
    const { ran } = await begin(['record', '--hash', 'user', ...out])
    await send('eve')
    // It ends by itself.
    const { code, stderr } = await ran
    expect(code).toBe(0)
    const text = gunzipSync(readFileSync(inFolder('some.ndjson.gz'))).toString()
    expect(text.length).toBeLessThanOrEqual(600)
    expect(text).not.toContain('eve')
    expect(statSync(inFolder('some.ndjson.gz')).mode & 0o777).toBe(0o600)
    expect(stderr).toContain(`${requestsOf(text)} requests in `)
    expect(requestsOf(text)).toBeGreaterThan(0)
    expect(requestsOf(text)).toBeLessThan(8)
    const again = await runCommand(['record', ...out, '--admin-url', admin.url])
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('is there already')])
    await expect.poll(() => told.at(-1)).toMatchObject({ action: 'end', why: null })
  })

  it('prints the log where no file is named, and its end on the other stream', async () => {
    const line = ['record', '--attribute', 'user', '--share', '100%']
    const { ran } = await begin(line, (stdout) => requestsOf(stdout) === 8)
    expect(told).toMatchObject([{ action: 'start', sample: { attribute: 'user', share: 1 } }])
    await send('kim')
    const { code, stdout, stderr } = await ran
    expect(code).toBe(0)
    expect(JSON.parse(stdout.split('\n')[0] ?? '')).toMatchObject({ format: 'headgate-record-1' })
    expect(stderr).toMatch(/^8 requests in [\d,]+ bytes of lines\n$/)
  })

  it('ends with what it has where the service stops, and says so', async () => {
    const { ran } = await begin(['record', '--out', inFolder('all.ndjson'), '--json'])
    await send('ada')
    await admin.drain()
    const { code, stdout } = await ran
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ requests: 8, lost: {}, ended: 'the service stops' })
    expect(requestsOf(readFileSync(inFolder('all.ndjson'), 'utf8'))).toBe(8)
  })

  it('says that it was ended before the service had answered, where it was', async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const { port } = silent.address() as AddressInfo
    const { code, stderr } = await runCommand([
      'record',
      '--for',
      '1ms',
      '--admin-url',
      `http://127.0.0.1:${port}`,
    ])
    silent.close()
    expect([code, stderr]).toEqual([4, expect.stringContaining('ended before')])
    expect(stderr).not.toContain('5000 ms')
  })

  it.each<[string[], string]>([
    [['--attribute', 'user'], '--attribute and --share go together'],
    [['--json'], 'give --out a file'],
    [['--max-bytes', '0'], '--max-bytes'],
    [['--for', '0s'], '--for'],
    [['--seed-file', '/none'], 'cannot be read'],
    [['--attribute', 'user', '--share', '200%'], 'share is a percentage'],
  ])('refuses %s', async (line, message) => {
    const { code, stderr } = await runCommand(['record', ...line, '--admin-url', admin.url])
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)])
  })
})

describe('headgate mirror', () => {
  it('says what another configuration would have denied', async () => {
    const files = ['--config', inFolder('tighter.yaml'), '--against', inFolder('headgate.yaml')]
    const { ran } = await begin(['mirror', ...files, '--every', '100ms', '--json'], (stdout) => {
      const { requests = 0, waiting = 0 } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}')
      return requests + waiting === 8
    })
    await send('max')
    const { code, stdout, stderr } = await ran
    expect([code, stderr]).toEqual([0, ''])
    expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({
      isLast: true,
      requests: 8,
      waiting: 0,
      lost: {},
      service: { denied: 3 },
      mirrored: { denied: 6 },
      newlyDenied: {
        count: 3,
        policies: [{ policy: 'users', count: 3, keys: [{ key: 'max', count: 3 }] }],
      },
      newlyAllowed: { count: 0 },
      against: { denied: 3 },
      comparison: { newlyDenied: { count: 3 }, newlyAllowed: { count: 0 } },
    })
  })

  it('knows the values that a configuration names, though they are hashed', async () => {
    writeFileSync(inFolder('naming.yaml'), `${FILE.replace("'*'", '[max]')}deny: { apiKey: [k-eve] }\n`)
    const line = [
      'mirror',
      '--config',
      inFolder('naming.yaml'),
      '--hash',
      'user',
      '--every',
      '100ms',
      '--json',
    ]
    const { ran } = await begin(line, (stdout) => {
      const { requests = 0, waiting = 0 } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}')
      return requests + waiting === 24
    })
    for (const user of ['max', 'eve', 'kim']) await send(user)
    const { code, stdout, stderr } = await ran
    expect([code, stderr]).toEqual([0, ''])
    // Three of max by the limit, all of eve by the list; nothing limits kim.
    expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({
      service: { denied: 9 },
      mirrored: { denied: 11 },
      newlyDenied: { count: 5 },
      newlyAllowed: { count: 3 },
    })
    expect(stdout).not.toMatch(/\b(max|eve|kim)\b/)
  })

  it('ends with a report for people', async () => {
    const { end } = await begin(['mirror', '--config', inFolder('tighter.yaml')])
    const { code, stdout } = await end()
    expect(code).toBe(0)
    expect(stdout).toMatch(/ requests \d+; denied by the service \d+/)
  })

  it('refuses what a recording cannot answer', async () => {
    writeFileSync(inFolder('other.yaml'), TIGHTER.replace("'k-*'", "'gold-*'"))
    const line = ['mirror', '--config', inFolder('other.yaml'), '--admin-url', admin.url]
    const refused = await runCommand(line)
    expect(refused.code).toBe(2)
    expect(refused.stderr).toContain('policy keys asks whether apiKey fits one of its patterns')
  })
})
