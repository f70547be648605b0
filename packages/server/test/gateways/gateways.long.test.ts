/** `/v1/authorize` behind the gateways themselves, with the configuration that the guide prints. */
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HeadgateProcess } from '../e2e/headgate-process.ts'
import { blockOf, Gateway, isInstalled } from './gateway.ts'

interface Answer {
  readonly status: number | undefined
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

let folder: string
let app: Server
let seen: string[]

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-gateways-'))
  writeFileSync(join(folder, 'headgate.yaml'), blockOf('yaml'))
  seen = []
  app = createServer((incoming, response) => void answerAsApp(incoming, response))
  app.listen(0, '127.0.0.1')
  await once(app, 'listening')
})

afterEach(() => {
  app.closeAllConnections()
  app.close()
  rmSync(folder, { recursive: true })
})

async function answerAsApp(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  let body = ''
  for await (const chunk of incoming) body += chunk
  seen.push(`${incoming.method} ${incoming.url} ${body}`)
  response.end('the app')
}

interface Started extends AsyncDisposable {
  readonly headgate: HeadgateProcess
  readonly send: (method: string, path: string, headers?: object, body?: string | Buffer) => Promise<Answer>
}

async function start(name: 'nginx' | 'caddy'): Promise<Started> {
  const headgate = await HeadgateProcess.serve(['--config', join(folder, 'headgate.yaml')])
  const service = Number(new URL(headgate.url).port)
  const gateway = await Gateway.start(name, { service, app: (app.address() as AddressInfo).port })
  return {
    headgate,
    send: (method, path, headers, body = method === 'POST' ? 'user=alice' : undefined) =>
      send(gateway.port, { method, path, headers: { ...headers }, body }),
    [Symbol.asyncDispose]: async () => {
      await gateway[Symbol.asyncDispose]()
      await headgate[Symbol.asyncDispose]()
    },
  }
}

/** The path goes out as it is, unlike with `fetch`. */
async function send(
  port: number,
  options: { method: string; path: string; headers: object; body: string | Buffer | undefined },
): Promise<Answer> {
  const { headers, body, ...line } = options
  const sent = request({ host: '127.0.0.1', port, agent: false, ...line, headers: { ...headers } })
  sent.end(body)
  const [response] = await once(sent, 'response')
  let text = ''
  for await (const chunk of response.setEncoding('utf8')) text += chunk
  return { status: response.statusCode, headers: response.headers, text }
}

for (const name of ['nginx', 'caddy'] as const) {
  const missing = !isInstalled(name)
  if (missing) console.warn(`SKIPPED: the tests behind ${name}, which is not installed`)

  describe.skipIf(missing)(`behind ${name}`, () => {
    it('lets requests pass as they are, and denies the sixth login', async () => {
      await using started = await start(name)
      for (let i = 0; i < 5; i++) {
        expect(await started.send('POST', '/login?next=%2Fhome')).toMatchObject({
          status: 200,
          text: 'the app',
        })
      }
      const denied = await started.send('POST', '/login?deny=403&page=2')
      expect(denied.status).toBe(429)
      expect(Number(denied.headers['retry-after'])).toBeGreaterThanOrEqual(1)
      expect(Number(denied.headers['retry-after'])).toBeLessThanOrEqual(60)
      expect(denied.headers).not.toHaveProperty('location')
      expect((await started.send('GET', '/login')).status).toBe(200)
      expect(seen).toEqual([...Array<string>(5).fill('POST /login?next=%2Fhome user=alice'), 'GET /login '])
    })

    it('counts by the address of the connection, whatever its header fields say', async () => {
      await using started = await start(name)
      const spoofed = [
        { 'x-forwarded-for': '198.51.100.1' },
        { 'x-forwarded-uri': '/' },
        { 'x-forwarded-method': 'GET' },
        { 'x-original-uri': '/' },
        { 'x-original-method': 'GET' },
        { forwarded: 'for=198.51.100.2', 'x-real-ip': '198.51.100.3' },
      ]
      const statuses = []
      for (const headers of spoofed) statuses.push((await started.send('POST', '/login', headers)).status)
      expect(statuses).toEqual([200, 200, 200, 200, 200, 429])
    })

    it('denies a path in every spelling', async () => {
      await using started = await start(name)
      const spellings = [
        '/internal',
        '/internal/x',
        '//internal/x',
        '/%69nternal/x',
        '/a/../internal/x',
        '/a/%2e%2E/internal/',
        '/./internal;v=1/x',
        '/internal?x',
      ]
      for (const path of spellings) {
        expect([path, (await started.send('GET', path)).status]).toEqual([path, 429])
      }
      for (const path of [
        '/a%2F..%2Finternal',
        '/a/..;/internal',
        '/%c0%ae%c0%ae/internal',
        '/%252e/internal',
      ]) {
        expect((await started.send('GET', path)).status).toBeGreaterThanOrEqual(400)
      }
      expect(seen).toEqual([])
    })

    it('lets uploads pass, whatever their bodies are', async () => {
      await using started = await start(name)
      const form = 'application/x-www-form-urlencoded'
      const gzip = gzipSync('{"a":1}')
      const uploads: [object, string | Buffer][] = [
        [
          { 'content-type': 'application/json', 'content-encoding': 'gzip', 'content-length': gzip.length },
          gzip,
        ],
        [{ 'content-type': form, 'content-length': 10 }, 'user=alice'],
        [{ 'content-type': form, 'content-length': 0 }, ''],
        [{ 'content-type': 'text/plain', 'transfer-encoding': 'chunked' }, 'text'],
        [{ 'content-type': 'application/json', 'content-length': 3 }, '{"a'],
        [{ 'content-type': 'nonsense', 'content-length': 200_000 }, 'a'.repeat(200_000)],
      ]
      for (const [headers, body] of uploads) {
        for (const method of ['POST', 'PUT']) {
          const { status } = await started.send(method, '/upload', headers, body)
          expect([method, headers, status]).toEqual([method, headers, 200])
        }
      }
      expect(seen.map((line) => line.split(' ')[0])).toEqual(uploads.flatMap(() => ['POST', 'PUT']))
    })

    it('lets nothing pass when the service is gone', async () => {
      await using started = await start(name)
      expect((await started.send('GET', '/')).status).toBe(200)
      await started.headgate.stop('SIGKILL')
      expect((await started.send('GET', '/')).status).toBe(name === 'nginx' ? 500 : 502)
    })
  })
}

describe.skipIf(!isInstalled('nginx'))('nginx', () => {
  it('tells its clients what is left', async () => {
    await using started = await start('nginx')
    expect((await started.send('POST', '/login')).headers['ratelimit']).toBe('"login/1m";r=4;t=60')
  })
})

describe.skipIf(!isInstalled('caddy'))('Caddy', () => {
  it("passes on the policy's own response", async () => {
    await using started = await start('caddy')
    for (let i = 0; i < 5; i++) await started.send('POST', '/login')
    expect(await started.send('POST', '/login')).toMatchObject({
      status: 429,
      text: '<h1>Too many</h1>',
      headers: { 'content-type': 'text/html' },
    })
  })
})
