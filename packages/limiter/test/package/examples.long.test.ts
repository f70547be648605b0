/** Each example runs from a folder in which nothing but what it names is installed. */
import { globSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root } from '../docs/documents.ts'
import { RedisServer } from '../redis-server.ts'
import { InstalledExample, packLibrary } from './installed-example.ts'

/** A request to an example, and how it is answered before the limit. */
interface Asked {
  readonly path: string
  readonly status: number
  readonly init?: RequestInit
}

const json = { 'content-type': 'application/json' }
const login: Asked = { path: '/login', status: 401, init: { method: 'POST' } }
const guess = JSON.stringify({ email: 'ada@example.org', password: 'guess' })

const examples: Readonly<Record<string, Asked>> = {
  'behind-a-proxy': { path: '/', status: 200, init: { headers: { 'x-forwarded-for': '198.51.100.1' } } },
  express: login,
  fastify: login,
  hono: login,
  koa: login,
  'llm-tokens': { path: '/chat', status: 200, init: { headers: { 'x-api-key': 'k1' } } },
  'login-protection': { path: '/login', status: 401, init: { method: 'POST', headers: json, body: guess } },
  'multi-tenant': { path: '/', status: 200, init: { headers: { 'x-tenant': 'tiny', 'x-user': 'ada' } } },
  nest: { path: '/auth/login', status: 201, init: { method: 'POST' } },
  'node-http': login,
  outages: { path: '/', status: 200 },
  tiers: { path: '/api', status: 200, init: { headers: { 'x-user': 'bob' } } },
  trpc: { path: '/search', status: 200, init: { headers: { 'x-user': 'ada' } } },
  webhooks: { path: '/hooks', status: 401, init: { method: 'POST', body: '{}' } },
}
/** Examples that other tests run. */
const ELSEWHERE = [
  'caddy-forward-auth',
  'edge-proxy',
  'envoy',
  'envoy-ext-authz',
  'envoy-sidecar',
  'grpc-go',
  'grpc-python',
  'kong',
  'next',
  'nginx-auth-request',
  'static-site',
  'testing',
]
/** Above every limit that an example has, also where Redis and the process each decide a part of the requests. */
const REQUESTS_MAX = 300

let folder: string
let tarball: string
let redis: RedisServer

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-packed-'))
  tarball = await packLibrary(folder)
  redis = await RedisServer.start()
})

afterAll(async () => {
  await redis?.stop()
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
})

describe('an example', () => {
  it('is asked here, has tests of its own, or stands in those of the proxy, of gateways, Next and gRPC', () => {
    const names = globSync('examples/*', { cwd: root }).map((path) => path.replace('examples/', ''))
    expect(names.sort()).toEqual([...Object.keys(examples), ...ELSEWHERE].sort())
  })

  it.each(Object.entries(examples))(
    'answers requests up to its limit, and denies the next: %s',
    { timeout: 120_000 },
    async (name, { path, status, init }) => {
      await using example = await InstalledExample.create(name, tarball)
      const url = await example.start({ REDIS_URL: redis.url })
      const statuses: number[] = []
      while (statuses.at(-1) !== 429 && statuses.length < REQUESTS_MAX) {
        const response = await fetch(`${url}${path}`, init)
        await response.text()
        statuses.push(response.status)
      }
      expect(statuses.length).toBeGreaterThan(1)
      expect(statuses).toEqual([...statuses.slice(1).map(() => status), 429])
    },
  )

  it('passes its own tests: testing', { timeout: 120_000 }, async () => {
    await using example = await InstalledExample.create('testing', tarball)
    await expect(example.npm('test')).resolves.toBeUndefined()
  })
})
