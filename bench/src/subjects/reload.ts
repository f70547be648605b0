import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { ONE_PORT } from '../harness/one-port.ts'
import { readParams, report } from '../harness/subject.ts'

/** What this subject is told. */
export interface ReloadParams {
  readonly policies: number
  /** From the signal until the new file is in force; or the longest time meanwhile in which no request is answered. */
  readonly measure: 'until in force' | 'longest pause'
}

const BINARY = new URL('../../../packages/server/dist/cli/main.js', import.meta.url).pathname
/** The first ones warm up. */
const RELOADS = 5
const WARM = 2

const { policies, measure } = readParams<ReloadParams>()
const folder = mkdtempSync(join(tmpdir(), 'headgate-bench-'))
const file = join(folder, 'headgate.yaml')
write(0)
const args = ['serve', '--config', file, '--store', 'memory', '--port', '0', ...ONE_PORT]
const service = spawn(process.execPath, [BINARY, ...args], { stdio: ['ignore', 'pipe', 'ignore'] })
const lines = linesOf(service)

try {
  const { url } = await next(({ url }) => url !== undefined)
  const figures: number[] = []
  for (let version = 1; version <= RELOADS; version++) {
    write(version)
    const pauses = watchPauses(String(url))
    const start = performance.now()
    service.kill('SIGHUP')
    await next(({ signal }) => signal === 'SIGHUP')
    const untilInForce = performance.now() - start
    const longestPause = await pauses.stop()
    if (version > WARM) figures.push(measure === 'longest pause' ? longestPause : untilInForce)
  }
  report(figures.sort((a, b) => a - b)[Math.floor(figures.length / 2)] as number)
} finally {
  service.kill('SIGKILL')
  rmSync(folder, { recursive: true })
}

/** All limits of a version differ from those before. */
function write(version: number): void {
  const lines = Array.from({ length: policies }, (_, i) => {
    return `  - { name: policy-${i}, match: { path: /path-${i}/** }, key: user, rules: [${100 + version}/min] }\n`
  })
  writeFileSync(`${file}.tmp`, `policies:\n${lines.join('')}`)
  renameSync(`${file}.tmp`, file)
}

function linesOf({ stdout }: ChildProcess): AsyncIterator<string> {
  return createInterface({ input: stdout as NonNullable<typeof stdout> })[Symbol.asyncIterator]()
}

/** The next line of the log that is meant. */
async function next(isMeant: (line: Record<string, unknown>) => boolean): Promise<Record<string, unknown>> {
  for (;;) {
    const { value, done } = await lines.next()
    if (done) throw new Error('the service ended')
    const line = JSON.parse(value) as Record<string, unknown>
    if (isMeant(line)) return line
  }
}

/** Asks one request after another. */
function watchPauses(url: string): { stop(): Promise<number> } {
  const body = JSON.stringify({ attributes: { user: 'alice', path: '/path-1/a' } })
  const headers = { 'content-type': 'application/json' }
  let running = true
  let longest = 0
  const asked = (async () => {
    while (running) {
      const start = performance.now()
      await (await fetch(`${url}/v1/peek`, { method: 'POST', headers, body })).arrayBuffer()
      longest = Math.max(longest, performance.now() - start)
    }
  })()
  return {
    async stop() {
      running = false
      await asked
      return longest
    },
  }
}
