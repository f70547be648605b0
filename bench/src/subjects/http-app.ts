/** An application of a web framework, on a core of its own; this process asks it. */
import { fileURLToPath } from 'node:url'
import { Redis } from 'ioredis'
import type { AppParams } from '../apps/app.ts'
import { HttpLoad } from '../harness/http-load.ts'
import { startServer } from '../harness/http-server.ts'
import { makeKeys } from '../harness/keys.ts'
import { median } from '../harness/median.ts'
import { readParams, report } from '../harness/subject.ts'

/** What this subject is told. */
export interface HttpAppParams {
  readonly framework: 'express' | 'fastify' | 'hono'
  readonly before: AppParams['before']
  readonly connections: number
  /** Users that requests name, and which are counted; else an address is counted for each connection. */
  readonly users?: number
  readonly inRedis?: boolean
  /** How requests end, but for the first of each user or address if they are to be denied. */
  readonly ends?: 'allowed' | 'denied'
  /** Added by the suite, which starts the server. */
  readonly port?: number
}

/** V8 compiles what is called often, so what counts is how often, and not how long. */
const WARM_REQUESTS = 30_000
/** Requests whose time makes one figure. */
const BLOCK = 5000
const NEVER_DENIED = 1_000_000_000

const params = readParams<HttpAppParams>()
const { framework, before, connections, users = 0, inRedis = false, ends = 'allowed', port = 0 } = params
const redis = new Redis({ port })
await redis.flushall()
redis.disconnect()

using server = await startServer(fileURLToPath(new URL(`../apps/${framework}-app.ts`, import.meta.url)), [
  JSON.stringify(told()),
])
const load = await HttpLoad.open({
  port: server.port,
  connections,
  addresses: true,
  requests: users === 0 ? [requestOf()] : makeKeys(users).map(requestOf),
})
checkFields(await load.each())
if (ends === 'denied') load.expect(429)
await load.peak(WARM_REQUESTS)
report(await capacity())
load.close()

function told(): AppParams {
  return {
    before,
    key: users === 0 ? 'address' : 'user',
    limit: ends === 'denied' ? 1 : NEVER_DENIED,
    ...(inRedis && { redisPort: port }),
  }
}

/** Requests that a second of a core answers. */
async function capacity(): Promise<number> {
  const rates: number[] = []
  const end = performance.now() + params.measureMs
  while (rates.length === 0 || performance.now() < end) {
    const before = await server.cpuSeconds()
    await load.peak(BLOCK)
    rates.push(BLOCK / ((await server.cpuSeconds()) - before))
  }
  return median(rates)
}

/** Without its fields an application would be faster than the one it is compared with. */
function checkFields(head: string): void {
  const wanted = before === 'fields by hand' || before === 'headgate' || before === 'peer'
  if (/^(x-)?ratelimit/im.test(head) !== wanted) throw new Error(`${framework}, ${before} answered ${head}`)
}

function requestOf(user?: string): string {
  const field = user === undefined ? [] : [`x-user: ${user}`]
  return ['GET / HTTP/1.1', 'host: 127.0.0.1', ...field, '\r\n'].join('\r\n')
}
