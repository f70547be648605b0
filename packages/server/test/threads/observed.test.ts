/** What `headgate serve --workers 2` shows of itself: all that its threads decide, as one. */
import { createGrpcLimiter } from 'headgate/grpc'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCommand } from '../cli/run-command.ts'
import { ConfigFolder } from '../e2e/config-folder.ts'
import { RespClient } from '../resp/resp-server.ts'
import { WorkerProcess } from './worker-process.ts'

/** Enough connections of each wire that no thread goes without one. */
const MANY = 20
const LIMIT = 5
const CONFIG = `version: 1
policies:
  - { name: users, key: user, match: { user: '*' }, rules: [${LIMIT}/day] }
  - { name: keys, key: apiKey, match: { apiKey: '*' }, rules: [1/day] }
audit: { file: stdout, denials: true }
log: { decisions: { allowed: 0%, perSecond: 1000 } }
`
const ALL_WIRES = ['--grpc-port', '0', '--resp-port', '0']

let config: ConfigFolder
let workers: WorkerProcess

beforeAll(async () => {
  config = new ConfigFolder(CONFIG)
  workers = await WorkerProcess.start(['--config', config.file, ...ALL_WIRES])
})
afterAll(async () => {
  await workers[Symbol.asyncDispose]()
  config[Symbol.dispose]()
})

describe('a service of two threads', () => {
  it('shows what both have counted over all wires, to the last request', async () => {
    await Promise.all([overHttp({ user: 'ada' }), overGrpc('ada'), overResp('ada')])
    expect(workers.taken.size).toBe(2)
    const counts = await decisions()
    expect(counts).toEqual({ http: MANY, grpc: MANY, resp: MANY, allowed: LIMIT, denied: 3 * MANY - LIMIT })
    expect(await sum('headgate_decision_duration_seconds_count')).toBe(3 * MANY)
    const statistics = await ask('/v1/stats')
    expect(statistics).toMatchObject({
      totalRequests: 3 * MANY,
      allowed: LIMIT,
      byTransport: { http: MANY, grpc: MANY, resp: MANY },
    })
    expect((await ask('/v1/top?by=requests')).keys).toMatchObject([{ key: 'ada', count: 3 * MANY, error: 0 }])
    expect(await ask('/v1/health')).toMatchObject({ decisions: { store: 3 * MANY } })
    expect(await sum('headgate_store_keys')).toBe(1)
    const lags = await lines('nodejs_eventloop_lag_p99_seconds')
    expect(lags.map((line) => line.replace(/ .*/, '')).sort()).toEqual([
      'nodejs_eventloop_lag_p99_seconds{worker="1"}',
      'nodejs_eventloop_lag_p99_seconds{worker="2"}',
    ])
    expect(await sum('headgate_configuration_info')).toBe(1)
    for (const wire of ['http', 'resp']) {
      await expect.poll(() => sum(`headgate_connections{transport="${wire}"}`)).toBe(0)
    }
  })

  it('lists denials and usage of both, and hides a secret in both by one mark', async () => {
    const answers = await overHttp({ apiKey: 'sk_live_1' })
    const ids = answers.flatMap(({ body }) => body.id ?? [])
    const denials = await lastDenials()
    const ofKeys = denials.filter(({ policy }) => policy === 'keys')
    expect(ids).toHaveLength(MANY - 1)
    expect(ofKeys.map(({ id }) => id).sort()).toEqual([...ids].sort())
    const marks = new Set(ofKeys.map(({ keys }) => keys[0]?.key))
    expect([...marks]).toEqual([expect.stringMatching(/^…[0-9a-f]{12}$/)])
    const threads = new Set(denials.map(({ id }) => id.split('-')[0]))
    expect(threads.size).toBe(2)
    for (const thread of threads) {
      const { id = '' } = denials.find((denial) => denial.id.startsWith(`${thread}-`)) ?? {}
      expect((await command('denials', id, '--json')).id).toBe(id)
    }
    expect((await command('usage', 'user=ada', '--json')).policies).toMatchObject([
      { rules: [{ used: LIMIT }] },
    ])
    expect((await command('top', '--json')).keys.length).toBe(2)
  })

  it('writes of both the audit log and samples of decisions, each line whole', async () => {
    const ids = new Set((await lastDenials()).map(({ id }) => id))
    const idsOf = (isOne: (line: Record<string, unknown>) => boolean) =>
      new Set(workers.headgate.log.filter(isOne).map(({ id }) => id))
    await expect
      .poll(() => idsOf((line) => line['audit'] === true && line['event'] === 'denial'))
      .toEqual(ids)
    await expect.poll(() => idsOf(({ msg }) => msg === 'decision')).toEqual(ids)
    const numbers = workers.headgate.log.filter(({ msg }) => msg === 'decision').map((line) => line['worker'])
    expect([...new Set(numbers)].sort()).toEqual([1, 2])
  })

  it('tells those who watch of denials of both', async () => {
    const seen = new Set<string>()
    const ending = new AbortController()
    const watching = runCommand(['watch', '--json', '--admin-url', workers.headgate.adminUrl], {
      signal: ending.signal,
      onOutput: (stdout) => {
        for (const [, id = ''] of stdout.matchAll(/"id":"([\w-]+)-\w+"/g)) seen.add(id)
        if (seen.size === 2) ending.abort()
      },
    })
    await expect
      .poll(async () => {
        await overHttp({ user: 'ada' })
        return seen.size
      })
      .toBe(2)
    expect((await watching).code).toBe(0)
  })

  it('loses nothing that was counted or denied where a thread throws, and counts on', async () => {
    const before = (await sum('headgate_decisions_total')) + MANY
    const answers = await overHttp({ user: 'eve' })
    // At once: nobody has asked for it before.
    await workers.poison('throw')
    await expect.poll(() => workers.died.length).toBe(1)
    await expect.poll(replaced).toBe(true)
    expect(await sum('headgate_decisions_total')).toBe(before)
    const ids = (await lastDenials()).map(({ id }) => id)
    expect(ids).toEqual(expect.arrayContaining(answers.flatMap(({ body }) => body.id ?? [])))
    await overHttp({ user: 'ada' })
    expect(await sum('headgate_decisions_total')).toBe(before + MANY)
    expect((await ask('/v1/stats')).totalRequests).toBe(before + MANY)
    const { code, stderr } = await workers.headgate.stop()
    expect([code, stderr]).toEqual([0, ''])
  })
})

function overHttp(attributes: Readonly<Record<string, string>>) {
  return Promise.all(Array.from({ length: MANY }, () => workers.ask('/v1/consume', { attributes })))
}

async function overGrpc(user: string): Promise<void> {
  const target = new URL(urlOf('grpc')).host
  const asked = Array.from({ length: MANY }, async () => {
    const limiter = createGrpcLimiter({ target, deadlineMs: 60_000 })
    await limiter.consume({ user })
    await limiter.close()
  })
  await Promise.all(asked)
}

async function overResp(user: string): Promise<void> {
  const port = Number(new URL(urlOf('resp')).port)
  const asked = Array.from({ length: MANY }, async () => {
    await using client = await RespClient.to(port)
    await client.ask('HG.CONSUME', '*', `user=${user}`)
  })
  await Promise.all(asked)
}

function urlOf(wire: string): string {
  return String(workers.headgate.log.find(({ transport, url }) => transport === wire && url)?.['url'])
}

interface Denied {
  readonly id: string
  readonly policy: string
  readonly keys: readonly { readonly key: string }[]
}

async function lastDenials(): Promise<readonly Denied[]> {
  return (await ask('/v1/denials?limit=1000')).denials
}

// biome-ignore lint/suspicious/noExplicitAny: tests read whatever JSON they expect
async function ask(path: string): Promise<any> {
  return (await fetch(`${workers.headgate.adminUrl}${path}`)).json()
}

// biome-ignore lint/suspicious/noExplicitAny: tests read whatever JSON they expect
async function command(...line: readonly string[]): Promise<any> {
  const { code, stdout, stderr } = await runCommand([...line, '--admin-url', workers.headgate.adminUrl])
  expect([code, stderr]).toEqual([0, ''])
  return JSON.parse(stdout)
}

async function lines(metric: string): Promise<string[]> {
  const text = await (await fetch(`${workers.headgate.adminUrl}/metrics`)).text()
  return text.split('\n').filter((line) => line.startsWith(metric))
}

const numberIn = (line: string): number => Number(line.slice(line.lastIndexOf(' ') + 1))

async function sum(metric: string): Promise<number> {
  return (await lines(metric)).reduce((total, line) => total + numberIn(line), 0)
}

/** Decisions by transport and by outcome. */
async function decisions(): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {}
  for (const line of await lines('headgate_decisions_total')) {
    const [, outcome = ''] = /outcome="(\w+)"/.exec(line) ?? []
    const [, transport = ''] = /transport="(\w+)"/.exec(line) ?? []
    for (const name of [outcome, transport]) counts[name] = (counts[name] ?? 0) + numberIn(line)
  }
  return counts
}

function replaced(): boolean {
  return workers.headgate.log.some(({ msg }) => msg === 'a worker serves in place of the one that ended')
}
