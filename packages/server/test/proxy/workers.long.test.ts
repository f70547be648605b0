/** `headgate proxy --workers`: threads that are one proxy. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, request } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RedisServer } from '../../../limiter/test/redis-server.ts'
import { ConfigFolder } from '../e2e/config-folder.ts'
import { HeadgateProcess } from '../e2e/headgate-process.ts'

const POISON = new URL('../threads/fixtures/poison.ts', import.meta.url).href
const LIMIT = 30
const ASKED = 50

let seen = 0
const application = createServer((request, response) => {
  seen++
  request.resume()
  response.end('hello')
})
let upstream: string
let redis: RedisServer

beforeAll(async () => {
  application.listen(0, '127.0.0.1')
  await once(application, 'listening')
  upstream = `http://127.0.0.1:${(application.address() as AddressInfo).port}`
  redis = await RedisServer.start()
})

afterAll(async () => {
  application.closeAllConnections()
  application.close()
  await redis.stop()
})

const configuration = (): string => `
policies: [{ name: ip, match: { path: /limited }, key: ip, rules: [${LIMIT}/day] }]
proxy: { upstream: '${upstream}' }`

/** Asks on a connection of its own; null where that was lost. */
async function ask(url: string, headers: Record<string, string> = {}): Promise<number | null> {
  const sent = request(url, { agent: false, headers }).end()
  try {
    const [response] = (await once(sent, 'response')) as [IncomingMessage]
    await once(response.resume(), 'end')
    return response.statusCode ?? 0
  } catch {
    return null
  }
}

const times = <T>(count: number, run: () => T): T[] => Array.from({ length: count }, run)

describe.each(['memory', 'Redis'])('workers of a proxy, with %s', (store) => {
  it('enforce one limit exactly, log what each of them did, and lose one of them alone', async () => {
    using config = new ConfigFolder(configuration())
    const url = store === 'memory' ? store : redis.url
    const args = ['--config', config.file, '--workers', '2', '--store', url]
    await using headgate = await HeadgateProcess.proxy(args, { NODE_OPTIONS: `--import ${POISON}` })
    seen = 0
    const statuses = await Promise.all(times(ASKED, () => ask(`${headgate.url}/limited`)))
    expect(statuses.filter((status) => status === 200)).toHaveLength(LIMIT)
    expect(statuses.filter((status) => status === 429)).toHaveLength(ASKED - LIMIT)
    expect(seen).toBe(LIMIT)
    const logged = () => headgate.log.filter(({ path }) => path === '/limited')
    await expect.poll(() => logged().length).toBe(ASKED)
    expect(new Set(logged().map(({ worker }) => worker))).toEqual(new Set([1, 2]))

    await ask(headgate.url, { 'x-poison': 'exit' })
    const isReplaced = (): boolean => headgate.log.some(({ msg }) => String(msg).includes('in place of'))
    await expect.poll(isReplaced, { timeout: 50_000 }).toBe(true)
    const after = await Promise.all(times(ASKED, () => ask(`${headgate.url}/limited`)))
    // What it had spent stays spent.
    expect(new Set(after)).toEqual(new Set([429]))
    expect(seen).toBeLessThanOrEqual(LIMIT + 1)
    expect((await headgate.stop()).code).toBe(0)
  })
})

it('workers of a proxy count connections together', async () => {
  const args = ['--upstream', upstream, '--workers', '2', '--max-connections', '10']
  await using headgate = await HeadgateProcess.proxy(args)
  const { port, hostname } = new URL(headgate.url)
  const closed = new Set<Socket>()
  const sockets = times(30, () => {
    const socket = connect(Number(port), hostname)
    return socket.on('error', () => {}).once('close', () => closed.add(socket))
  })
  await expect.poll(() => closed.size).toBe(20)
  for (const socket of sockets) socket.destroy()
})
