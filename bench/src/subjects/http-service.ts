/** The service, or a bare echo in its place, on a core of its own; this process asks it. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { consumeRequest } from '../harness/consume-request.ts'
import { HttpLoad } from '../harness/http-load.ts'
import { startServer } from '../harness/http-server.ts'
import { makeKeys } from '../harness/keys.ts'
import { ONE_PORT } from '../harness/one-port.ts'
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

const ECHO = fileURLToPath(new URL('../apps/json-echo.ts', import.meta.url))
const SERVICE = fileURLToPath(new URL('../../../packages/server/dist/cli/main.js', import.meta.url))
/** Nobody is denied, and no key recovers: every request changes state. */
const CONFIG = 'policies: [{ name: api, key: user, rules: [1000000/52w] }]\n'

/** V8 compiles what is called often, so what counts is how often, and not how long. */
const WARM_REQUESTS = 60_000

const { of, measure, connections, keys, requests: peakOf, measureMs } = readParams<HttpServiceParams>()
const folder = mkdtempSync(join(tmpdir(), 'headgate-bench-'))
const config = join(folder, 'headgate.yaml')
writeFileSync(config, CONFIG)
try {
  using server = await (of === 'echo'
    ? startServer(ECHO)
    : startServer(SERVICE, ['serve', '--config', config, '--port', '0', ...ONE_PORT]))
  const requests = makeKeys(keys).map(consumeRequest)
  const load = await HttpLoad.open({ port: server.port, connections, requests })
  await load.peak(WARM_REQUESTS)
  const peak = await load.peak(peakOf)
  report(measure === 'peak' ? peak : quantile(await load.latencies(peak / 2, measureMs), 0.99))
  load.close()
} finally {
  rmSync(folder, { recursive: true })
}
