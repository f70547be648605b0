import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { connect, createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { ConfigFolder } from './config-folder.ts'
import { HeadgateProcess } from './headgate-process.ts'

const body = JSON.stringify({ attributes: { user: 'alice' } })

/** What became of a request: its status, or the code of the error; and when it was known. */
interface Outcome {
  readonly status: number
  readonly error: string | null
  readonly at: number
  readonly connection: string | undefined
}

function ask(headgate: HeadgateProcess, path: string, agent?: Agent): Promise<Outcome> {
  const [method, headers] =
    path === '/v1/consume' ? ['POST', { 'content-type': 'application/json' }] : ['GET', {}]
  return new Promise((resolve) => {
    const sent = request(headgate.url + path, { method, headers, ...(agent && { agent }) }, (answer) => {
      const { statusCode: status = 0, headers } = answer
      answer
        .resume()
        .on('end', () => resolve({ status, error: null, at: Date.now(), connection: headers.connection }))
    })
    sent.on('error', (error: NodeJS.ErrnoException) =>
      resolve({ status: 0, error: error.code ?? '', at: Date.now(), connection: undefined }),
    )
    sent.end(path === '/v1/consume' ? body : undefined)
  })
}

/** When the service said that it stops, by its own log. */
async function stoppingAt(headgate: HeadgateProcess): Promise<number> {
  await expect.poll(() => headgate.log.some(({ msg }) => msg === 'stopping')).toBe(true)
  return Date.parse(String(headgate.log.find(({ msg }) => msg === 'stopping')?.['time']))
}

describe('SIGTERM', () => {
  it('under load fails no request of a balancer that heeds readiness, and refuses nobody before its time (F-25)', async () => {
    await using headgate = await HeadgateProcess.serve(['--shutdown-delay', '1500ms'])
    const outcomes: Outcome[] = []
    let isReady = true
    const caller = async (agent?: Agent): Promise<void> => {
      while (isReady) outcomes.push(await ask(headgate, '/v1/consume', agent))
    }
    const agents = [1, 2].map(() => new Agent({ keepAlive: true, maxSockets: 1 }))
    const callers = [...agents.map(caller), caller(), caller()]
    await expect.poll(() => outcomes.length).toBeGreaterThan(50)
    const ended = headgate.stop()
    const stopping = await stoppingAt(headgate)
    const answer = await ask(headgate, '/readyz')
    expect(answer.status).toBe(503)
    isReady = false
    await Promise.all(callers)
    expect(outcomes.filter(({ status }) => status !== 200 && status !== 429)).toEqual([])
    // Somebody who does not ask is served for the stated time as well, and refused only after it.
    let knock: Outcome
    do knock = await ask(headgate, '/v1/consume')
    while (knock.error === null)
    expect(knock.error).toMatch(/^ECONNRE(FUSED|SET)$/)
    // A timer of Node cuts fractions of a millisecond, and so does the log.
    expect(knock.at - stopping).toBeGreaterThanOrEqual(1498)
    expect((await ended).code).toBe(0)
    for (const agent of agents) agent.destroy()
  })

  it('asks clients that keep their connection to leave it, from then on', async () => {
    await using headgate = await HeadgateProcess.serve(['--shutdown-delay', '1h'])
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    expect((await ask(headgate, '/v1/consume', agent)).connection).toBe('keep-alive')
    headgate.child.kill('SIGTERM')
    await stoppingAt(headgate)
    expect(await ask(headgate, '/v1/consume', agent)).toMatchObject({ status: 200, connection: 'close' })
    agent.destroy()
  })

  it('leaves what follows the file in force until the last request, and SIGHUP cuts nobody off', async () => {
    using config = new ConfigFolder('policies: [{ name: old, key: user, rules: [5/s] }]')
    await using headgate = await HeadgateProcess.serve(['--config', config.file, '--shutdown-delay', '3s'])
    const ended = headgate.stop()
    await stoppingAt(headgate)
    config.rename('policies: [{ name: new, key: user, rules: [5/s] }]')
    headgate.child.kill('SIGHUP')
    expect((await ended).code).toBe(0)
    expect(headgate.log).toContainEqual(
      expect.objectContaining({ signal: 'SIGHUP', hash: expect.any(String), rejected: null }),
    )
  })

  it.each(['SIGTERM', 'SIGINT'] as const)('and then %s ends it at once, with code 1', async (second) => {
    await using headgate = await HeadgateProcess.serve(['--shutdown-delay', '1h'])
    headgate.child.kill('SIGTERM')
    await stoppingAt(headgate)
    expect((await headgate.stop(second)).code).toBe(1)
  })

  it('cuts off what takes longer than --drain-timeout, says so, and ends with code 0', async () => {
    await using headgate = await HeadgateProcess.serve(['--drain-timeout', '50ms'])
    const { hostname, port } = new URL(headgate.url)
    const socket = connect(Number(port), hostname).on('error', () => {})
    await once(socket, 'connect')
    socket.write(
      'POST /v1/consume HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{',
    )
    await ask(headgate, '/livez')
    expect((await headgate.stop()).code).toBe(0)
    expect(headgate.log).toContainEqual(
      expect.objectContaining({ msg: 'requests still under way after 50 ms are cut off' }),
    )
    socket.destroy()
  })
})

describe('SIGINT', () => {
  it('does not wait: nobody asks for readiness on a terminal', async () => {
    await using headgate = await HeadgateProcess.serve(['--shutdown-delay', '1h'])
    expect((await headgate.stop('SIGINT')).code).toBe(0)
  })
})

describe('--log-level', () => {
  it('is the least level that is logged', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as { port: number }
    await new Promise((resolve) => taken.close(resolve))
    await using headgate = new HeadgateProcess(['serve', '--port', String(port), '--log-level', 'warn'])
    const isUp = (): Promise<boolean> =>
      fetch(`http://127.0.0.1:${port}/livez`).then(
        ({ ok }) => ok,
        () => false,
      )
    await expect.poll(isUp, { timeout: 30_000 }).toBe(true)
    expect(await headgate.stop('SIGINT')).toMatchObject({ code: 0, stdout: '' })
  })
})
