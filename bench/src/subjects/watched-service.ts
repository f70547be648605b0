/** The service on a core of its own, watched by metrics and a log, or by nobody; this process asks it. */
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { consumeRequest } from '../harness/consume-request.ts'
import { HttpLoad } from '../harness/http-load.ts'
import { startServer } from '../harness/http-server.ts'
import { makeKeys } from '../harness/keys.ts'
import { ONE_PORT } from '../harness/one-port.ts'
import { cpuSecondsOf } from '../harness/process-cpu.ts'
import { readParams, report } from '../harness/subject.ts'

/** What this subject is told. */
export interface WatchedServiceParams {
  readonly isWatched: boolean
  readonly connections: number
  readonly keys: number
}

const SERVICE = fileURLToPath(new URL('../../../packages/server/dist/cli/main.js', import.meta.url))
const POLICIES = 'policies: [{ name: api, key: user, rules: [1000000/52w] }]\n'
const LOG = 'log: { decisions: { allowed: 1%, perSecond: 100000 } }\n'

/** V8 compiles what is called often, so what counts is how often, and not how long. */
const WARM_REQUESTS = 60_000
const BLOCK = 10_000
const SCRAPE_MS = 1000

const { isWatched, connections, keys, measureMs } = readParams<WatchedServiceParams>()
const folder = mkdtempSync(join(tmpdir(), 'headgate-bench-'))
const config = join(folder, 'headgate.yaml')
const admin = join(folder, 'admin.sock')
writeFileSync(config, isWatched ? POLICIES + LOG : POLICIES)
try {
  const options = ['--config', config, '--port', '0', ...ONE_PORT, '--admin-port', isWatched ? admin : 'off']
  using server = await startServer(SERVICE, ['serve', ...options])
  const load = await HttpLoad.open({
    port: server.port,
    connections,
    requests: makeKeys(keys).map(consumeRequest),
  })
  await load.peak(WARM_REQUESTS)
  const scraping = isWatched ? setInterval(() => void scrape(), SCRAPE_MS) : undefined
  const [start, end] = [cpuSecondsOf(server.pid), performance.now() + measureMs]
  let answered = 0
  for (; performance.now() < end; answered += BLOCK) await load.peak(BLOCK)
  report(answered / (cpuSecondsOf(server.pid) - start))
  clearInterval(scraping)
  load.close()
} finally {
  rmSync(folder, { recursive: true })
}

async function scrape(): Promise<void> {
  const [answer] = await once(request({ socketPath: admin, path: '/metrics' }).end(), 'response')
  answer.resume()
}
