/** `headgate record` and `headgate mirror` beside a service of two threads, through its wires. */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseConfig } from '../../src/config/config.ts'
import { Player } from '../../src/replay/player.ts'
import { RecordedLogs } from '../../src/replay/recorded/recorded-logs.ts'
import { playedOf } from '../../src/replay/recorded/recorded-parser.ts'
import type { RecordedRequest } from '../../src/service/record/record-format.ts'
import { type Ran, runCommand } from '../cli/run-command.ts'
import { RespClient } from '../resp/resp-server.ts'
import { WorkerProcess } from '../threads/worker-process.ts'

const FILE = `version: 1
policies:
  - { name: users, key: user, match: { user: '*' }, rules: [5/day] }
  - { name: keys, key: apiKey, match: { apiKey: 'k-*' }, rules: [3/day] }
audit: { file: stdout }
`
const SEED = 'seed-of-these-tests'
const TIGHTER = FILE.replace('5/day', '2/day')

let folder: string
let workers: WorkerProcess

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-record-'))
  writeFileSync(join(folder, 'headgate.yaml'), FILE)
  writeFileSync(join(folder, 'tighter.yaml'), TIGHTER)
  writeFileSync(join(folder, 'seed'), SEED)
  workers = await WorkerProcess.start(['--config', join(folder, 'headgate.yaml'), '--resp-port', '0'])
})
afterAll(async () => {
  await workers[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

const inFolder = (name: string): string => join(folder, name)
const adminUrl = (): string => workers.headgate.adminUrl
const auditOf = (event: string) => workers.headgate.log.filter((line) => line['event'] === event)

/** The service has noticed that whoever recorded has left. */
async function noneRuns(): Promise<void> {
  await expect.poll(() => auditOf('record-end').length).toBe(auditOf('record-start').length)
}

/** A command that runs until it is told to end; resolves once the service says that it records. */
async function begin(line: readonly string[]): Promise<{ end(): Promise<Ran> }> {
  await noneRuns()
  const ending = new AbortController()
  const before = auditOf('record-start').length
  const ran = runCommand([...line, '--admin-url', adminUrl()], { signal: ending.signal })
  await expect.poll(() => auditOf('record-start').length).toBe(before + 1)
  return {
    end: () => {
      ending.abort()
      return ran
    },
  }
}

/** Requests over connections of their own, so that both threads have some; answers whether each passed. */
async function send(user: string): Promise<boolean[]> {
  const overHttp = async (body: object): Promise<boolean> => {
    return (await workers.ask('/v1/consume', body)).body.allowed
  }
  const port = Number(
    new URL(String(workers.headgate.log.find(({ transport, url }) => transport === 'resp' && url)?.['url']))
      .port,
  )
  const overResp = async (): Promise<boolean> => {
    await using client = await RespClient.to(port)
    const reply = (await client.ask('HG.CONSUME', 'users', `user=${user}`)) as readonly unknown[]
    return reply[reply.indexOf('allowed') + 1] === 1
  }
  const passed: boolean[] = []
  // One after the other: what passes is then the same each time.
  for (let i = 0; i < 4; i++) {
    passed.push(await overHttp({ attributes: { user, apiKey: `k-${user}` } }))
    passed.push(await overResp())
  }
  return passed
}

async function statistics(): Promise<{ readonly allowed: number; readonly denied: number }> {
  const { allowed, denied } = (await (await fetch(`${adminUrl()}/v1/stats`)).json()) as {
    allowed: number
    denied: number
  }
  return { allowed, denied }
}

const countOf = (passed: readonly boolean[]): { readonly allowed: number; readonly denied: number } => {
  const allowed = passed.filter((one) => one).length
  return { allowed, denied: passed.length - allowed }
}

/** Lines of a log with requests, as far as they are written. */
function requestsIn(name: string): RecordedRequest[] {
  if (!existsSync(inFolder(name))) return []
  const text = readFileSync(inFolder(name), 'utf8')
  const lines = text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .slice(0, -1)
  return lines.map((line) => JSON.parse(line)).filter((line) => 'verb' in line)
}

/** What a log comes to under the configuration that it was recorded under. */
async function playedAgain(name: string): Promise<ReturnType<typeof countOf>> {
  const [first = ''] = readFileSync(inFolder(name), 'utf8').split('\n')
  const logs = new RecordedLogs({ headers: [JSON.parse(first)], only: undefined, seed: SEED })
  const player = new Player({ configuration: logs.fit(parseConfig(FILE, 'headgate.yaml')) })
  const attributes = logs.attributesUnder(JSON.parse(first))
  for (const request of requestsIn(name)) {
    const played = playedOf(request, attributes)
    if (played !== null) await player.play(played)
  }
  const { allowed, denied } = player.report()
  await player.close()
  return { allowed, denied }
}

describe('headgate record', () => {
  it('writes what all threads decide over all wires, which played again is decided the same', async () => {
    const before = await statistics()
    const { end } = await begin([
      'record',
      '--seed-file',
      inFolder('seed'),
      '--out',
      inFolder('all.ndjson'),
      '--json',
    ])
    const passed = [...(await send('ada')), ...(await send('bob'))]
    await expect.poll(() => requestsIn('all.ndjson').length).toBe(passed.length)
    const { code, stdout, stderr } = await end()
    expect([code, stderr]).toEqual([0, ''])
    expect(JSON.parse(stdout)).toMatchObject({ requests: passed.length, lost: {}, ended: null })
    const after = await statistics()
    const counted = { allowed: after.allowed - before.allowed, denied: after.denied - before.denied }
    expect(counted).toEqual(countOf(passed))
    expect(await playedAgain('all.ndjson')).toEqual(counted)
    expect(readFileSync(inFolder('all.ndjson'), 'utf8')).not.toContain('k-ada')
    expect(statSync(inFolder('all.ndjson')).mode & 0o777).toBe(0o600)
    await expect
      .poll(() => auditOf('record-end').at(-1))
      .toMatchObject({
        audit: true,
        transport: 'admin',
        requests: passed.length,
        why: null,
      })
  })
})

describe('headgate mirror', () => {
  it('says what another configuration would have denied, and changes no answer', async () => {
    const without = await send('lea')
    const before = await statistics()
    const ending = new AbortController()
    const ran = runCommand(
      [
        'mirror',
        '--config',
        inFolder('tighter.yaml'),
        '--against',
        inFolder('headgate.yaml'),
        '--every',
        '100ms',
        '--json',
        '--admin-url',
        adminUrl(),
      ],
      {
        signal: ending.signal,
        onOutput: (stdout) => {
          const { requests = 0, waiting = 0 } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}')
          if (requests + waiting === without.length) ending.abort()
        },
      },
    )
    const starts = auditOf('record-start').length
    await expect.poll(() => auditOf('record-start').length).toBe(starts + 1)
    const mirrored = await send('max')
    const { code, stdout, stderr } = await ran
    expect([code, stderr]).toEqual([0, ''])
    expect(mirrored).toEqual(without)
    const after = await statistics()
    const denied = after.denied - before.denied
    const view = JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
    const more = mirrored.length - 2 - denied
    expect(view).toMatchObject({
      isLast: true,
      requests: mirrored.length,
      waiting: 0,
      lost: {},
      service: { denied },
      mirrored: { denied: denied + more },
      newlyDenied: {
        count: more,
        policies: [{ policy: 'users', count: more, keys: [{ key: 'max', count: more }] }],
      },
      newlyAllowed: { count: 0 },
      against: { denied },
      comparison: { newlyDenied: { count: more }, newlyAllowed: { count: 0 } },
    })
  })
})
