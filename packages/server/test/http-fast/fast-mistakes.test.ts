/** Mistakes that a first sketch of the fast path had: each stays away. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { once } from 'node:events'
import { globSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { accelerate, type FastAnswer, type FastHandler } from '../../src/transports/http/fast/fast-path.ts'
import { bodiesOf, type Client, echo, type FastServer, fastServer, post, TARGET } from './fast-server.ts'

/** A handler whose answers are given when a test says so. */
function waiting(): { readonly handler: FastHandler; readonly answer: (() => void)[] } {
  const answer: (() => void)[] = []
  const handler: FastHandler = ({ body }) =>
    new Promise((resolve) => {
      answer.push(() => resolve({ status: 200, fields: [], body: body.toString() }))
    })
  return { handler, answer }
}

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const GET = 'GET /x HTTP/1.1\r\nHost: a\r\n\r\n'

const connections = (server: FastServer): Promise<number> =>
  new Promise((resolve, reject) => {
    server.server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)))
  })

describe('a request that waits', () => {
  it('and one that is not known behind it are both answered, though the client has ended its side', async () => {
    const { handler, answer } = waiting()
    // At once: an answer that takes its time is dropped by node:http when the client has ended.
    await using server = await fastServer({ handler, ordinary: (_, response) => response.end('ordinary /x') })
    const client = await server.connect()
    client.socket.end(`${post('"a"')}${GET}`)
    await expect.poll(() => answer.length).toBe(1)
    answer[0]?.()
    expect(await client.end()).toMatch(/"a".*ordinary \/x/s)
  })

  it('is answered though the client has ended its side, and then the connection ends', async () => {
    const { handler, answer } = waiting()
    await using server = await fastServer({ handler })
    const client = await server.connect()
    client.socket.end(post('"a"'))
    await expect.poll(() => answer.length).toBe(1)
    answer[0]?.()
    expect(bodiesOf(await client.end())).toEqual(['"a"'])
    await expect.poll(() => connections(server)).toBe(0)
  })

  it('holds up those behind it', async () => {
    const { handler, answer } = waiting()
    await using server = await fastServer({ handler })
    const client = await server.connect()
    client.send(post('"a"'))
    await expect.poll(() => answer.length).toBe(1)
    client.send(post('"b"'))
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect([answer.length, client.text]).toEqual([1, ''])
    answer[0]?.()
    await expect.poll(() => answer.length).toBe(2)
    answer[1]?.()
    expect(bodiesOf(await client.until('"b"'))).toEqual(['"a"', '"b"'])
  })

  it('and is never answered is cut off by destroyAll', async () => {
    await using server = await fastServer({ handler: () => new Promise<FastAnswer>(() => {}) })
    const client = await server.connect()
    client.send(post('"a"'))
    await expect.poll(() => connections(server)).toBe(1)
    server.path.destroyAll()
    await expect.poll(() => client.isClosed).toBe(true)
    await expect.poll(() => connections(server)).toBe(0)
  })
})

describe('time', () => {
  it('is counted in sweeps: a request in part has all of ten, whenever the first of them comes', async () => {
    await using server = await fastServer()
    const client = await server.connect()
    client.send(post('"a"').slice(0, 40))
    await arrived(server, client)
    server.sweep(10)
    client.send(post('"a"').slice(40))
    await client.until('"a"')
    client.send(post('"b"').slice(0, 40))
    await arrived(server, client)
    server.sweep(11)
    expect((await client.end()).slice(client.text.indexOf('"a"') + 3)).toMatch(/^HTTP\/1\.1 408 /)
  })

  it('ends an idle connection after 72 sweeps', async () => {
    await using server = await fastServer()
    const client = await server.connect()
    client.send(post('"a"'))
    await client.until('"a"')
    server.sweep(72)
    client.send(post('"b"'))
    await client.until('"b"')
    server.sweep(73)
    expect(bodiesOf(await client.end())).toEqual(['"a"', '"b"'])
  })

  it('cuts off a client that is told 408 and never ends its side, also where an error listener only ends', async () => {
    await using server = await fastServer()
    server.server.on('clientError', (_, socket) => socket.end('HTTP/1.1 408 Late\r\n\r\n'))
    const client = await server.connect()
    await expect.poll(() => connections(server)).toBe(1)
    await turns(5)
    server.sweep(11)
    expect(await client.end()).toBe('HTTP/1.1 408 Late\r\n\r\n')
    expect(await connections(server)).toBe(1)
    server.sweep(4)
    await expect.poll(() => connections(server)).toBe(0)
  })

  it('of an idle connection is said as it is set when the server begins to listen', async () => {
    const server = createServer()
    const path = accelerate(server, {
      routes: new Map([[TARGET, echo]]),
      onFailure: () => ({ status: 500, fields: [], body: '' }),
      onHandOver: () => {},
      onAnswered: () => {},
    })
    server.keepAliveTimeout = 33_000
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    socket.write(post('"a"'))
    const [octets] = await once(socket, 'data')
    expect(String(octets)).toContain('\r\nKeep-Alive: timeout=33\r\n')
    path.destroyAll()
    server.close()
    await once(server, 'close')
  })
})

describe('a handler', () => {
  it.each<readonly [string, () => unknown]>([
    ['resolves with undefined', async () => undefined],
    ['resolves with what is no answer', async () => ({ status: 200 })],
    ['rejects', () => Promise.reject(new Error('no'))],
    ['answers undefined', () => undefined],
    [
      'throws',
      (): never => {
        throw new Error('no')
      },
    ],
    [
      'answers with a field that would end its line',
      () => ({
        status: 200,
        fields: [['x', 'a\r\nset-cookie: b']],
        body: '',
      }),
    ],
  ])('that %s is a failure, and the connection goes on', async (_, answer) => {
    let isFirst = true
    const handler: FastHandler = (request) => {
      if (!isFirst) return echo(request)
      isFirst = false
      return answer() as FastAnswer
    }
    await using server = await fastServer({ handler })
    const client = await server.connect()
    client.send(`${post('"a"')}${post('"b"')}`)
    expect(bodiesOf(await client.until('"b"'))).toEqual(['failed', '"b"'])
    expect(server.failures).toHaveLength(1)
  })

  it('is never one that enters a context, which the next request of its read would be in', async () => {
    const root = new URL('../../../', import.meta.url)
    const files = globSync('{server,limiter}/src/**/*.ts', { cwd: root })
    expect(files.length).toBeGreaterThan(500)
    expect(files.filter((file) => readFileSync(new URL(file, root), 'utf8').includes('enterWith'))).toEqual(
      [],
    )
    // What it would come to.
    const context = new AsyncLocalStorage<string>()
    const seen: (string | undefined)[] = []
    await using server = await fastServer({
      handler: (request) => {
        seen.push(context.getStore())
        context.enterWith('first')
        return echo(request)
      },
    })
    const client = await server.connect()
    client.send(`${post('"a"')}${post('"b"')}`)
    await client.until('"b"')
    expect(seen).toEqual([undefined, 'first'])
  })
})

describe('a client that takes no answers', () => {
  const answer: FastAnswer = { status: 200, fields: [], body: 'x'.repeat(60_000) }

  it('is cut off after 30 sweeps, and not one that takes some', async () => {
    await using server = await fastServer({ handler: () => answer })
    const client = await server.connect()
    client.socket.pause()
    client.send(post('"a"').repeat(200))
    await blocked(server)
    server.sweep(30)
    expect(await connections(server)).toBe(1)
    server.sweep(2)
    await expect.poll(() => connections(server)).toBe(0)
  })

  it('and takes them while the server drains is told that the connection ends', async () => {
    await using server = await fastServer({ handler: () => answer })
    const client = await server.connect()
    client.socket.pause()
    client.send(post('"a"').repeat(200))
    await blocked(server)
    server.path.drain()
    client.socket.resume()
    expect((await client.end()).match(/connection: close/g)).toHaveLength(1)
    client.socket.end()
    await expect.poll(() => connections(server)).toBe(0)
  })

  async function blocked(server: FastServer): Promise<void> {
    let before = -1
    while (server.answered.times !== before || before === 0) {
      before = server.answered.times
      await turns(20)
    }
  }
})

describe('octets that are held', () => {
  it('for an address are bounded, over all its connections, and given back', async () => {
    await using server = await fastServer({ limits: { heldMax: 3000 } })
    const part = (await Promise.all([1, 2, 3, 4].map(() => server.connect()))) as Client[]
    for (const client of part) client.send(post('x'.repeat(2000)).slice(0, 1000))
    await expect.poll(() => server.cut).toEqual(['octets'])
    await expect.poll(() => connections(server)).toBe(3)
    for (const client of part) client.socket.destroy()
    await expect.poll(() => connections(server)).toBe(0)
    const later = await server.connect()
    later.send(post('x'.repeat(2000)).slice(0, 1000))
    await turns(20)
    later.send(post('x'.repeat(2000)).slice(1000))
    expect(bodiesOf(await later.until('x'.repeat(2000)))).toEqual(['x'.repeat(2000)])
    expect(server.cut).toEqual(['octets'])
  })

  it('of a part of a request are not those of all that came with it', async () => {
    await using server = await fastServer({ handler: () => ({ status: 200, fields: [], body: '' }) })
    const before = held()
    const clients = await Promise.all(Array.from({ length: 100 }, () => server.connect()))
    const many = post('x'.repeat(60_000))
    for (const client of clients) {
      client.send(many + post('"a"').slice(0, 10))
      client.socket.resume()
    }
    await expect.poll(() => server.answered.times).toBe(100)
    // What is only on its way, here and at the clients, goes in time.
    await expect.poll(() => (held() - before) / clients.length).toBeLessThan(16_000)
  })
})

/** Octets that buffers hold after everything else was thrown away. */
function held(): number {
  collectGarbage()
  return process.memoryUsage().arrayBuffers
}

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve))
}

/** Resolves when what a client has sent is read. */
async function arrived(server: FastServer, client: Client): Promise<void> {
  const before = client.text
  const other = await server.connect()
  other.send(post('"later"'))
  await other.until('"later"')
  other.socket.destroy()
  await turns(5)
  expect(client.text).toBe(before)
}
