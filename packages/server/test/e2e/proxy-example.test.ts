/** A stock application, which is not changed, behind a proxy that is started by one command. */
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from '../../../limiter/test/docs/documents.ts'
import { sendRaw } from '../proxy/proxy-under-test.ts'
import { HeadgateProcess } from './headgate-process.ts'

const SOON = { timeout: 20_000, interval: 20 }
const EXAMPLE = join(root, 'examples/edge-proxy')
const read = (name: string): string => readFileSync(join(EXAMPLE, name), 'utf8')
const [KEY = ''] = /hgk_\w+-\w+/.exec(read('headgate.yaml')) ?? []

/** The application of the example, in this process. */
async function stockApp(): Promise<Server> {
  process.env['PORT'] = '0'
  const { server } = (await import(join(EXAMPLE, 'app.ts'))) as { server: Server }
  if (!server.listening) await once(server, 'listening')
  return server
}

describe('headgate proxy --upstream', () => {
  it('protects a stock application of Express, without a file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'headgate-proxy-'))
    const app = await stockApp()
    const seen: string[] = []
    app.on('request', ({ url = '' }) => seen.push(url))
    const upstream = `http://127.0.0.1:${(app.address() as AddressInfo).port}`
    try {
      // What npx takes in a clone.
      const binary = join(root, 'node_modules/.bin/headgate')
      await using headgate = await HeadgateProcess.proxy(['--upstream', upstream], {}, { folder, binary })
      const port = Number(new URL(headgate.url).port)
      const direct = await fetch(upstream)
      const response = await fetch(headgate.url)
      expect([response.status, await response.text()]).toEqual([200, await direct.text()])
      // What the application is made of is told by itself alone.
      expect([direct, response].map(({ headers }) => headers.get('x-powered-by'))).toEqual(['Express', null])
      expect(response.headers.get('x-content-type-options')).toBe('nosniff')
      expect(response.headers.get('ratelimit')).toMatch(/^"address\/pace";/)
      expect((await fetch(`${headgate.url}/login`, { method: 'POST' })).status).toBe(401)
      seen.length = 0
      expect((await fetch(`${headgate.url}/a%2fadmin`)).status).toBe(400)
      expect((await fetch(headgate.url, { method: 'POST', body: 'x'.repeat(1024 * 1024 + 1) })).status).toBe(
        413,
      )
      const smuggled = 'GET / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n'
      expect(await sendRaw(port, smuggled)).toMatch(/^HTTP\/1\.1 400 /)
      expect(seen).toEqual([])
      const flood = await Promise.all(
        Array.from({ length: 400 }, async () => (await fetch(`${headgate.url}/flood`)).status),
      )
      const denied = flood.filter((status) => status === 429).length
      expect(denied).toBeGreaterThan(0)
      expect(seen).toHaveLength(400 - denied)
    } finally {
      app.closeAllConnections()
      app.close()
      rmSync(folder, { recursive: true })
    }
  })
})

describe('examples/edge-proxy', () => {
  it('runs by its own command, and does what the guide says of its file', async () => {
    const { scripts } = JSON.parse(read('package.json'))
    const [, wrapped = ''] = /^headgate proxy --wrap '(.*)'$/.exec(scripts.start) ?? []
    const command = wrapped.replace(/^node /, `${process.execPath} `)
    await using headgate = await HeadgateProcess.proxy(
      ['--wrap', command, '--admin-port', '0'],
      {},
      { folder: EXAMPLE },
    )
    const ready = async (): Promise<number> => (await fetch(`${headgate.adminUrl}/readyz`)).status
    await expect.poll(ready, SOON).toBe(200)
    const ask = (path: string, init?: RequestInit): Promise<Response> => fetch(headgate.url + path, init)
    const withKey = { headers: { 'x-api-key': KEY, 'x-auth-principal': 'apikey:root' } }

    // The router of the application ignores case.
    expect((await ask('/ADMIN')).status).toBe(401)
    const admin = await ask('/admin', withKey)
    expect([admin.status, await admin.text()]).toEqual([200, 'hello apikey:demo'])
    const statuses = []
    for (let i = 0; i < 4; i++) statuses.push((await ask('/chat', { method: 'POST', ...withKey })).status)
    // 400 tokens each, of 1,000.
    expect(statuses).toEqual([200, 200, 200, 429])
    expect((await ask('/', { method: 'DELETE' })).status).toBe(405)

    expect((await ask('/admin')).status).toBe(401)
    const guesses = []
    for (let i = 0; i < 20; i++) guesses.push((await ask('/login', { method: 'POST' })).status)
    expect(guesses).toEqual([...Array(18).fill(401), 429, 429])
    // Whoever guesses is out, and a key does not help.
    expect((await ask('/admin', withKey)).status).toBe(429)
    const { code } = await headgate.stop()
    // The application ends by SIGTERM.
    expect(code).toBe(143)
  })
})
