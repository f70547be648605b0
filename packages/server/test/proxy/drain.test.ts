/** The end of the proxy as a process: nobody who was let in loses anything (F-25). */
import { once } from 'node:events'
import { Agent, createServer, get, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ConfigFolder } from '../e2e/config-folder.ts'
import { HeadgateProcess } from '../e2e/headgate-process.ts'

/** A close frame with 1001. */
const GOING_AWAY = Buffer.from([0x88, 0x02, 0x03, 0xe9])

const streams = new Set<ServerResponse>()
const application = createServer((request, response) => {
  if (request.url === '/events') {
    streams.add(response)
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write('data: 1\n\n')
  } else setTimeout(() => response.end('hello'), 2)
})
const upgraded = new Set<Socket>()
application.on('upgrade', (_, socket: Socket) => {
  upgraded.add(socket)
  socket.on('error', () => {})
  socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n')
})
let upstream: string

beforeAll(async () => {
  application.listen(0, '127.0.0.1')
  await once(application, 'listening')
  upstream = `http://127.0.0.1:${(application.address() as AddressInfo).port}`
})

afterAll(() => {
  for (const socket of upgraded) socket.destroy()
  application.closeAllConnections()
  application.close()
})

interface Outcome {
  readonly status: number
  readonly connection: string | undefined
}

async function ask(url: string, agent?: Agent): Promise<Outcome> {
  const [response] = (await once(get(url, agent ? { agent } : {}), 'response')) as [IncomingMessage]
  await once(response.resume(), 'end')
  return { status: response.statusCode ?? 0, connection: response.headers.connection }
}

function stopping(headgate: HeadgateProcess): Promise<void> {
  return expect.poll(() => headgate.log.some(({ msg }) => msg === 'stopping')).toBe(true)
}

/** What a client gets on a connection of its own, until it is closed. */
function open(headgate: HeadgateProcess, text: string): { socket: Socket; read: () => Buffer } {
  const { hostname, port } = new URL(headgate.url)
  const socket = connect(Number(port), hostname)
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', () => {})
  if (text !== '') socket.write(text)
  return { socket, read: () => Buffer.concat(chunks) }
}

const headOf = (path: string, more = ''): string => `GET ${path} HTTP/1.1\r\nhost: x\r\n${more}\r\n`
const WEB_SOCKET = 'connection: upgrade\r\nupgrade: websocket\r\n'

describe('headgate proxy at SIGTERM', () => {
  it('under load fails no request of clients that keep their connections and heed readiness', async () => {
    await using headgate = await HeadgateProcess.proxy([
      '--upstream',
      upstream,
      '--admin-port',
      '0',
      '--shutdown-delay',
      '700ms',
    ])
    const outcomes: Outcome[] = []
    let isReady = true
    const agents = [1, 2, 3, 4].map(() => new Agent({ keepAlive: true, maxSockets: 1 }))
    const callers = [...agents, undefined, undefined].map(async (agent) => {
      while (isReady) outcomes.push(await ask(`${headgate.url}/`, agent))
    })
    await expect.poll(() => outcomes.length).toBeGreaterThan(50)
    const ended = headgate.stop()
    await stopping(headgate)
    expect((await ask(`${headgate.adminUrl}/readyz`)).status).toBe(503)
    // Requests of before have ended by then: all others ask their clients to leave.
    const before = outcomes.length
    await expect.poll(() => outcomes.length).toBeGreaterThan(before + 50)
    isReady = false
    await Promise.all(callers)
    expect(outcomes.filter(({ status }) => status !== 200)).toEqual([])
    expect(outcomes.slice(before + 10).every(({ connection }) => connection === 'close')).toBe(true)
    expect((await ended).code).toBe(0)
    for (const agent of agents) agent.destroy()
  })

  it('lets streams end, says 1001 to WebSockets, and does not wait for connections that ask nothing', async () => {
    using config = new ConfigFolder(`{ policies: [], proxy: { upstream: '${upstream}', webSocket: true } }`)
    await using headgate = await HeadgateProcess.proxy(['--config', config.file, '--drain-timeout', '30s'])
    const stream = open(headgate, headOf('/events'))
    const webSocket = open(headgate, headOf('/', WEB_SOCKET))
    const idle = open(headgate, headOf('/'))
    const unused = open(headgate, '')
    await expect.poll(() => stream.read().includes('data: 1')).toBe(true)
    await expect.poll(() => webSocket.read().includes('101 Switching')).toBe(true)
    await expect.poll(() => idle.read().includes('hello')).toBe(true)
    const ended = headgate.stop()
    await expect.poll(() => webSocket.read().subarray(-4)).toEqual(GOING_AWAY)
    await expect
      .poll(() => [webSocket, idle, unused].every(({ socket }) => socket.destroyed), { timeout: 5000 })
      .toBe(true)
    expect(stream.socket.destroyed).toBe(false)
    for (const response of streams) response.end('data: 2\n\n')
    expect((await ended).code).toBe(0)
    expect(stream.read().toString()).toMatch(/data: 2\n\n\r\n0\r\n\r\n$/)
    expect(headgate.stdout).not.toContain('cut off')
  })

  it('ends at once at a second one', async () => {
    await using headgate = await HeadgateProcess.proxy(['--upstream', upstream, '--drain-timeout', '1h'])
    const stream = open(headgate, headOf('/events'))
    await expect.poll(() => stream.read().includes('data: 1')).toBe(true)
    headgate.child.kill('SIGTERM')
    await stopping(headgate)
    expect((await headgate.stop()).code).toBe(1)
  })
})
