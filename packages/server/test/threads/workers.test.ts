/** `headgate serve --workers`: a process whose threads are one service. */
import { once } from 'node:events'
import { existsSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseConfig } from '../../src/config/config.ts'
import { ConfigFolder } from '../e2e/config-folder.ts'
import { HeadgateProcess } from '../e2e/headgate-process.ts'
import { RespClient } from '../resp/resp-server.ts'
import { CONNECTS } from './wire-connections.ts'
import { WorkerProcess } from './worker-process.ts'

/** Enough connections that no thread goes without one. */
const MANY = 40

const configWith = (limit: number): string => `version: 1
attributes: { address: peer.ip }
policies:
  - { name: api, match: { path: /api }, key: user, rules: [${limit}/day] }
  - { name: peers, match: { path: /peers }, key: address, missing: refuse, rules: [1000/day] }
  - { name: turns, match: { path: /turns }, key: user, rules: [1/40s] }
`
const hashOf = (text: string): string => parseConfig(text, 'headgate.yaml').hash
const times = <T>(count: number, run: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => run(i))
const ALICE = { attributes: { user: 'alice', path: '/api' } }

const start = (config: ConfigFolder, ...args: readonly string[]): Promise<WorkerProcess> =>
  WorkerProcess.start(['--config', config.file, '--store', 'memory', ...args])

const states = (workers: WorkerProcess): Promise<{ hash: string; rejected: { line: number } | null }[]> =>
  Promise.all(times(MANY, async () => (await workers.ask('/readyz')).body.configuration))

async function admin(workers: WorkerProcess, path: string, init: RequestInit = {}): Promise<unknown> {
  const response = await fetch(workers.headgate.adminUrl + path, init)
  const text = await response.text()
  return path === '/metrics' ? text : JSON.parse(text)
}

describe('workers', () => {
  it('enforce one limit exactly, go by one configuration, and stop as one', async () => {
    using config = new ConfigFolder(configWith(1000))
    const path = join(config.folder, 'resp.sock')
    await using workers = await start(config, '--resp-port', path)
    const { headgate } = workers
    // One of them alone listens there, with the mode that a process gives it.
    expect(statSync(path).mode & 0o777).toBe(0o660)
    expect(headgate.log[0]).toMatchObject({ level: 40, transports: ['resp'] })
    const consume = () => workers.ask('/v1/consume', ALICE)

    const answers = await Promise.all(times(MANY, consume))
    const left = answers.map(({ body }) => body.remaining as number).sort((a, b) => b - a)
    expect(left).toEqual(times(MANY, (i) => 999 - i))
    expect(workers.taken.size).toBe(2)
    // Receipts of one thread are good in the other: each is given back on a connection of its own.
    const refunds = await Promise.all(
      answers.map(({ body: { receipt } }) => workers.ask('/v1/refund', { receipt })),
    )
    expect(refunds.map(({ body }) => body.refunded)).toEqual(times(MANY, () => 1))

    const next = configWith(2000)
    config.rename(next)
    const inForce = { hash: hashOf(next), rejected: null }
    await expect.poll(() => admin(workers, '/readyz')).toMatchObject({ ready: true, configuration: inForce })
    expect(await states(workers)).toEqual(times(MANY, () => inForce))
    expect((await consume()).body.remaining).toBe(1999)

    config.rename(next.replace('rules', 'rulez'))
    await expect
      .poll(() => admin(workers, '/readyz'))
      .toMatchObject({ configuration: { rejected: { line: 4 } } })
    for (const { hash, rejected } of await states(workers)) {
      expect([hash, rejected?.line]).toEqual([hashOf(next), 4])
    }

    const headers = { 'content-type': 'application/json', 'if-match': '*' }
    await admin(workers, '/v1/shadow', { method: 'PUT', headers, body: '{"on":true}' })
    for (const { body } of await Promise.all(times(MANY, () => workers.ask('/v1/policies')))) {
      expect(body.runtime.shadow).toBe(true)
    }
    const { code, stderr } = await headgate.stop()
    expect([code, stderr]).toEqual([0, ''])
    // Nothing was under way: all have drained.
    expect(headgate.log.filter(({ msg }) => String(msg).includes('cut off'))).toEqual([])
    expect(existsSync(path)).toBe(false)
    expect(headgate.log.filter(({ msg }) => msg === 'another configuration is in force')).toHaveLength(2)
  })

  it('that die take no other with them, and are replaced by such that know what is in force', async () => {
    using config = new ConfigFolder(configWith(1000))
    const limits = ['--max-connections', '30', '--max-connections-per-peer', '20']
    const all = ['--grpc-port', '0', '--resp-port', '0', '--shutdown-delay', '60s', '--drain-timeout', '60s']
    await using workers = await start(config, ...all, ...limits)
    const { headgate } = workers
    const portOf = (wire: string): number =>
      Number(new URL(String(headgate.log.find(({ transport }) => transport === wire)?.['url'])).port)
    const next = configWith(3000)
    config.rename(next)
    await expect.poll(async () => (await workers.ask('/readyz')).body.configuration.hash).toBe(hashOf(next))

    // gRPC in a thread knows who is at the other end.
    const grpc = await CONNECTS.grpc(portOf('grpc'))
    expect(await grpc.consume({ path: '/peers' })).toMatchObject({ allowed: true, limit: 1000 })
    grpc.close()

    await workers.poison('throw')
    const ended = () => headgate.log.filter(({ msg }) => String(msg).startsWith('a worker ended'))
    await expect
      .poll(ended)
      .toMatchObject([{ worker: expect.any(Number), err: { message: 'poison' }, delayMs: 100 }])
    await expect
      .poll(() => headgate.log.at(-1)?.['msg'])
      .toBe('a worker serves in place of the one that ended')
    const metrics = await admin(workers, '/metrics')
    expect(metrics).toMatch(/^headgate_workers 2$/m)
    expect(metrics).toMatch(/^headgate_worker_restarts_total 1$/m)
    const answers = await Promise.all(times(15, () => workers.ask('/readyz')))
    expect(answers.map(({ body }) => body.configuration.hash)).toEqual(times(15, () => hashOf(next)))
    expect(workers.taken.size).toBe(3)

    // Of one peer, as all of them are, so many may be open in both threads together.
    const clients = await Promise.all(times(MANY, () => RespClient.to(portOf('resp'))))
    const replies = await Promise.all(clients.map((client) => client.ask('PING')))
    expect(replies.filter((reply) => reply === 'PONG')).toHaveLength(20)
    expect(await admin(workers, '/metrics')).toMatch(/^headgate_connections{transport="resp"} 20$/m)
    for (const client of clients) await client[Symbol.asyncDispose]()

    const turn = { attributes: { user: 'alice', path: '/turns' } }
    await workers.ask('/v1/consume', turn)
    const waited = workers.ask('/v1/wait', { ...turn, timeout: '50s' })
    headgate.child.kill('SIGTERM')
    expect((await waited).status).toBe(503)
    for (const { ready } of (await Promise.all(times(3, () => workers.ask('/readyz')))).map(
      ({ body }) => body,
    )) {
      expect(ready).toBe(false)
    }
  })
})

describe('workers that cannot be', () => {
  const run = (...args: readonly string[]) => HeadgateProcess.run(['serve', '--workers', '2', ...args])

  it.each([
    [['--workers', '0'], 'is no number from 1 to 100; give --workers one, or auto'],
    [['--snapshot', 'state'], '--snapshot keeps the memory of one thread; leave it out, or give --workers 1'],
  ])('%j are a mistake in what was given', async (args, message) => {
    const { code, stderr } = await run(...args)
    expect(code).toBe(2)
    expect(stderr).toContain(message)
  })

  it('have no port that somebody else listens on', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    const { code, stderr } = await run('--port', String(port))
    expect([code, stderr]).toEqual([
      1,
      `port ${port} on 127.0.0.1 is in use; stop what listens there, or give another with --port\n`,
    ])
    server.close()
    await once(server, 'close')
  })
})
