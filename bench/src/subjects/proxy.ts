/** A proxy on a core of its own; the application and who asks have the other one. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { coreSeconds } from '../harness/core-seconds.ts'
import { HttpLoad } from '../harness/http-load.ts'
import { quantile } from '../harness/quantile.ts'
import { readParams, report, skip } from '../harness/subject.ts'
import { API_KEY } from '../proxy/headgate.ts'
import { stubConfiguration } from '../proxy/nginx.ts'
import { freePort, type RunningServer, startProgram } from '../proxy/program.ts'
import { type ProxyName, startProxy } from '../proxy/start-proxy.ts'
import { wrk } from '../proxy/wrk.ts'

/** What this subject is told. */
export interface ProxyParams {
  /** `none`: who asks has the application itself. */
  readonly of: ProxyName | 'none'
  /**
   * Requests that a second of a core forwards; requests a second at the peak; or the 99th percentile of latency at half of that, in
   * milliseconds.
   */
  readonly measure: 'core rate' | 'peak' | 'p99 at half'
  readonly connections: number
}

const PATH = '/api/items/42?page=1'
const FIELDS = [
  'User-Agent: bench/1.0',
  'Accept: application/json',
  'Accept-Encoding: gzip, br',
  `X-Api-Key: ${API_KEY}`,
]
/** V8 compiles what is called often, so what counts is how often, and not how long. */
const WARM_REQUESTS = 120_000

const { of, measure, connections, measureMs } = readParams<ProxyParams>()
for (const program of ['nginx', 'wrk']) {
  if (spawnSync(program, ['-v']).error !== undefined) skip(`there is no ${program} here`)
}
const folder = mkdtempSync(join(tmpdir(), 'headgate-bench-'))
try {
  using stub = await startStub()
  using proxy = of === 'none' ? stub : await startProxy(of, { folder, stub: stub.port })
  if (proxy === null) skip(`${of} cannot be had here`)
  report(await figure(proxy))
} finally {
  rmSync(folder, { recursive: true })
}

async function startStub(): Promise<RunningServer> {
  const port = await freePort()
  const file = join(folder, 'stub.conf')
  writeFileSync(file, stubConfiguration(port))
  return startProgram({ command: ['nginx', '-p', folder, '-c', file], port })
}

async function figure(proxy: RunningServer): Promise<number> {
  const target = { url: `http://127.0.0.1:${proxy.port}${PATH}`, fields: FIELDS, connections }
  for (let warm = 0; warm < WARM_REQUESTS; warm += wrk(target, 1).requests);
  const coreBefore = coreSeconds(proxy.pid)
  const startedMs = performance.now()
  const { requests, perSecond } = wrk(target, measureMs / 1000)
  const core = coreSeconds(proxy.pid) - coreBefore
  const share = core / ((performance.now() - startedMs) / 1000)
  console.error(`  ${of}: ${perSecond} requests/s with ${Math.round(share * 100)} % of a core`)
  if (measure === 'peak') return perSecond
  return measure === 'core rate' ? requests / core : p99(proxy.port, perSecond / 2)
}

async function p99(port: number, perSecond: number): Promise<number> {
  const head = [`GET ${PATH} HTTP/1.1`, `Host: 127.0.0.1:${port}`, ...FIELDS]
  const load = await HttpLoad.open({ port, connections, requests: [`${head.join('\r\n')}\r\n\r\n`] })
  const times = await load.latencies(perSecond, measureMs)
  load.close()
  return quantile(times, 0.99)
}
