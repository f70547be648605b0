/** What becomes of a proxy whose process runs out of something (F-26), and what it shows to whom (I-55). */
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { Agent, createServer, type IncomingMessage, request } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { HeadgateProcess } from '../e2e/headgate-process.ts'

const CONNECTIONS = 60
const SPARE = 24

let seen: string[] = []
const application = createServer(({ url = '' }, response) => {
  seen.push(url)
  response.end('hello')
})
let upstream: string

beforeAll(async () => {
  application.listen(0, '127.0.0.1')
  await once(application, 'listening')
  upstream = `http://127.0.0.1:${(application.address() as AddressInfo).port}`
})

afterAll(() => {
  application.closeAllConnections()
  application.close()
})

async function ask(url: string, agent: Agent | false = false): Promise<number> {
  const sent = request(url, { agent }).end()
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  await once(response.resume(), 'end')
  return response.statusCode ?? 0
}

// Elsewhere nothing lowers the limit of a process that runs.
it.skipIf(process.platform !== 'linux')(
  'a proxy without file descriptors serves connections that are open, and takes new ones when some end',
  async () => {
    await using headgate = await HeadgateProcess.proxy(['--upstream', upstream])
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    expect(await ask(headgate.url, agent)).toBe(200)
    const { pid } = headgate.child
    const most = readdirSync(`/proc/${pid}/fd`).length + SPARE
    execFileSync('prlimit', ['--pid', String(pid), `--nofile=${most}:${most}`])
    const { hostname, port } = new URL(headgate.url)
    const closed = new Set<Socket>()
    const sockets = Array.from({ length: CONNECTIONS }, () => {
      const socket = connect(Number(port), hostname)
      return socket.on('error', () => {}).on('close', () => closed.add(socket))
    })
    // Those that are one too many do not wait: they are closed.
    await expect.poll(() => closed.size).toBeGreaterThan(CONNECTIONS / 2)
    expect(closed.size).toBeLessThan(CONNECTIONS)
    // The connection to the target is kept for both.
    expect(await ask(headgate.url, agent)).toBe(200)
    for (const socket of sockets) socket.destroy()
    const knock = (): Promise<unknown> => ask(headgate.url).catch(String)
    await expect.poll(knock).toBe(200)
    agent.destroy()
    expect((await headgate.stop()).code).toBe(0)
  },
)

it('a proxy says which port is in use, and how to take another', async () => {
  const port = new URL(upstream).port
  const ended = await HeadgateProcess.run(['proxy', '--upstream', upstream, '--port', port])
  expect(ended.code).not.toBe(0)
  expect(ended.stderr + ended.stdout).toContain(
    `port ${port} on 127.0.0.1 is in use; stop what listens there, or give another with --port`,
  )
})

it('a proxy forwards paths of operators like any others, which it answers on the admin listener alone', async () => {
  await using headgate = await HeadgateProcess.proxy(['--upstream', upstream, '--admin-port', '0'])
  const paths = ['/livez', '/readyz', '/metrics', '/v1/policies', '/admin']
  seen = []
  for (const path of paths) expect(await ask(headgate.url + path)).toBe(200)
  expect(seen).toEqual(paths)
  seen = []
  for (const path of ['/livez', '/readyz', '/metrics']) expect(await ask(headgate.adminUrl + path)).toBe(200)
  expect(new URL(headgate.adminUrl).hostname).toBe('127.0.0.1')
  expect(seen).toEqual([])
})
