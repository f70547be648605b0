/** What operators see of a proxy: a line, a count and a span of each request, and no secret of any. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ConfigFolder } from '../e2e/config-folder.ts'
import { HeadgateProcess } from '../e2e/headgate-process.ts'
import { otlpReceiver } from '../telemetry/otlp-receiver.ts'

const SOON = { timeout: 20_000, interval: 20 }
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const PARENT = '00f067aa0ba902b7'
const ZEROS = '0'.repeat(16)

let upstream: Server
let target = ''
beforeAll(async () => {
  upstream = createServer((request, response) => {
    response.writeHead(request.url?.startsWith('/broken') ? 500 : 200).end('it is')
  })
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
  target = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`
})
afterAll(() => new Promise((resolve) => upstream.close(resolve)))

const file = (): string => `
policies: [{ name: pace, key: ip, rules: [3/day] }]
proxy: { upstream: "${target}", routes: [{ path: /api }] }
`

async function ask(url: string, path: string, flags: string): Promise<number> {
  const traceparent = flags === '' ? `00-${TRACE}-${ZEROS}-01` : `00-${TRACE}-${PARENT}-${flags}`
  const headers = {
    traceparent,
    authorization: 'Bearer s3cret',
    cookie: 'session=s3cret',
    'x-api-key': 's3cret',
  }
  const response = await fetch(url + path, { headers })
  await response.text()
  return response.status
}

describe.each([
  ['one thread', []],
  ['two workers', ['--workers', '2']],
] as const)('a proxy of %s', (_, args) => {
  it('tells of each request what became of it', async () => {
    using config = new ConfigFolder(file())
    await using receiver = await otlpReceiver()
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_TRACES_SAMPLER: 'parentbased_always_off' }
    const options = ['--config', config.file, '--admin-port', '0', ...args]
    await using headgate = await HeadgateProcess.proxy(options, env)
    const paths = ['/api/a?token=s3cret', '/broken', '/api/b', '/api/c']
    const flags = ['01', '01', '00', '']
    const statuses: number[] = []
    for (const [i, path] of paths.entries()) statuses.push(await ask(headgate.url, path, flags[i] ?? ''))
    expect(statuses).toEqual([200, 500, 200, 429])
    const lines = (): Record<string, unknown>[] => headgate.log.filter(({ msg }) => msg === 'proxied')
    await expect.poll(() => lines().length, SOON).toBe(4)
    const common = { ip: '127.0.0.1', host: '127.0.0.1', method: 'GET' }
    const forwarded = { ...common, outcome: 'ok', target, bytesOut: 5, upstreamMs: expect.any(Number) }
    // Requests can be of several workers, whose lines come in any order.
    const byPath = lines().sort((a, b) => String(a['path']).localeCompare(String(b['path'])))
    expect(byPath).toEqual([
      expect.objectContaining({ ...forwarded, path: '/api/a', route: '/api', status: 200 }),
      expect.objectContaining({ ...forwarded, path: '/api/b', route: '/api', status: 200 }),
      expect.objectContaining({
        ...common,
        outcome: 'rate-limited',
        path: '/api/c',
        policy: 'pace',
        status: 429,
      }),
      expect.objectContaining({ ...forwarded, path: '/broken', route: '/', status: 500 }),
    ])
    const metrics = await (await fetch(`${headgate.adminUrl}/metrics`)).text()
    expect(metrics).toContain('headgate_proxy_requests_total{outcome="ok",route="/api"} 2\n')
    expect(metrics).toContain('headgate_proxy_requests_total{outcome="ok",route="/"} 1\n')
    expect(metrics).toContain('headgate_proxy_requests_total{outcome="rate-limited",route="/api"} 1\n')
    expect(metrics).toContain('headgate_proxy_upstream_duration_seconds_count 3\n')
    expect((await headgate.stop()).code).toBe(0)
    const spans = receiver
      .spans()
      .filter(({ name }) => !name.startsWith('ratelimit'))
      .sort((a, b) => b.name.length - a.name.length)
    expect(spans).toEqual([
      expect.objectContaining({ name: 'GET /api', kind: 2, traceId: TRACE, parentSpanId: PARENT }),
      expect.objectContaining({ name: 'GET /', status: expect.objectContaining({ code: 2 }) }),
    ])
    expect(spans[0].attributes).toMatchObject({ 'headgate.proxy.outcome': 'ok', 'http.route': '/api' })
    expect(JSON.stringify([spans, headgate.stdout, metrics])).not.toContain('s3cret')
  })
})

describe('a proxy whose output is closed', () => {
  it('forwards as before, and counts each line that is lost', async () => {
    using config = new ConfigFolder(`policies: []\nproxy: { upstream: "${target}" }`)
    await using headgate = await HeadgateProcess.proxy(['--config', config.file, '--admin-port', '0'])
    const { url, adminUrl, child } = headgate
    child.stdout?.destroy()
    const lost = async (): Promise<number> => {
      expect(await ask(url, '/', '00')).toBe(200)
      const text = await (await fetch(`${adminUrl}/metrics`)).text()
      return Number(/^headgate_log_dropped_total\{output="log"\} (\d+)$/m.exec(text)?.[1])
    }
    await expect.poll(lost, SOON).toBeGreaterThanOrEqual(5)
    child.kill('SIGTERM')
    expect((await headgate.ended()).code).toBe(0)
  })
})
