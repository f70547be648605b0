/** The service, or a bare echo in its place, on a core of its own; this process asks it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { HttpLoad } from '../harness/http-load.ts'
import { pinned } from '../harness/pin.ts'
import { quantile } from '../harness/quantile.ts'
import { readParams, report } from '../harness/subject.ts'

/** What this subject is told. */
export interface HttpServiceParams {
  readonly of: 'headgate' | 'echo'
  /** Requests a second at the peak; or the 99th percentile of latency at half of that, in milliseconds. */
  readonly measure: 'peak' | 'p99 at half'
  readonly connections: number
  readonly keys: number
  /** So many make the peak. */
  readonly requests: number
}

const SERVER_CORE = 1
const FLAG = '--single-threaded-gc'
const ECHO = fileURLToPath(new URL('../harness/json-echo.ts', import.meta.url))
const SERVICE = fileURLToPath(new URL('../../../packages/server/dist/cli/main.js', import.meta.url))
/** Nobody is denied, and no key recovers: every request changes state. */
const CONFIG = 'policies: [{ name: api, key: user, rules: [1000000/52w] }]\n'

/** V8 compiles what is called often, so what counts is how often, and not how long. */
const WARM_REQUESTS = 60_000

const { of, measure, connections, keys, requests, measureMs } = readParams<HttpServiceParams>()
const folder = mkdtempSync(join(tmpdir(), 'headgate-bench-'))
const config = join(folder, 'headgate.yaml')
writeFileSync(config, CONFIG)
const script = of === 'echo' ? [ECHO] : [SERVICE, 'serve', '--config', config, '--port', '0']
const [command, ...args] = pinned(SERVER_CORE, [process.execPath, FLAG, ...script])
const server = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
try {
  const load = await HttpLoad.open({ port: await portOf(), connections, keys })
  await load.peak(WARM_REQUESTS)
  const peak = await load.peak(requests)
  report(measure === 'peak' ? peak : quantile(await load.latencies(peak / 2, measureMs), 0.99))
  load.close()
} finally {
  server.kill('SIGKILL')
  rmSync(folder, { recursive: true })
}

/** Of the line in which it says where it listens. */
async function portOf(): Promise<number> {
  for await (const line of createInterface({ input: server.stdout })) {
    const { url } = JSON.parse(line) as { url?: string }
    if (url !== undefined) return Number(new URL(url).port)
  }
  throw new Error(`${of} ended with ${(await once(server, 'close'))[0]}`)
}
