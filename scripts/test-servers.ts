/**
 * `npm run test:servers [-- --all]`: the tests of the Redis store on each server of `redis-servers.ts`. Without `--all`
 * contract, permissions, and a part of the parity traffic; with it every test that starts a server.
 */
import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { binaryOf, servers, type TestedServer } from './redis-servers.ts'

const root = resolve(import.meta.dirname, '..')
const tests = 'packages/limiter/test'
const brief: Choice = {
  args: [
    'run',
    `${tests}/contract/redis.test.ts`,
    `${tests}/contract/cluster.test.ts`,
    `${tests}/contract/topologies.test.ts`,
    `${tests}/parity/parity.test.ts`,
    `${tests}/docs/operations.test.ts`,
  ],
  env: { HEADGATE_PARITY_OPERATIONS: '20000' },
}
// What is asked here is whether a server does it, not how fast.
const patience = '--testTimeout=30000'
const all: Choice = { args: ['related', '--run', patience, `${tests}/redis-server.ts`], env: {} }

/** What vitest is told. */
interface Choice {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

interface Result {
  readonly server: TestedServer
  readonly passed: boolean
  /** What is shown of it at the end. */
  readonly lines: readonly string[]
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { all: { type: 'boolean', default: false } } })
  const results = servers.map((server) => testOn(server, values.all ? all : brief))
  console.log('')
  for (const { server, lines } of results)
    for (const line of lines) console.log(`${server.name.padEnd(12)}${line}`)
  if (results.some(({ passed }) => !passed)) process.exitCode = 1
}

function testOn(server: TestedServer, choice: Choice): Result {
  try {
    return run(server, binaryOf(server), choice)
  } catch (error) {
    return { server, passed: false, lines: [`NOT TESTED: ${(error as Error).message}`] }
  }
}

function run(server: TestedServer, binary: string, { args, env }: Choice): Result {
  console.log(`\n${server.name}`)
  const start = performance.now()
  const { status, stdout, stderr, error } = spawnSync('vitest', args, {
    cwd: root,
    env: { ...process.env, ...env, HEADGATE_REDIS_SERVER: binary, NO_COLOR: '1' },
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  })
  if (error) throw error
  if (status !== 0) console.error(`${stdout}${stderr}`)
  const seconds = ((performance.now() - start) / 1000).toFixed(0)
  const lines = [`${countIn(stdout)} in ${seconds} s`, ...skipsIn(`${stdout}${stderr}`)]
  return { server, passed: status === 0, lines }
}

/** The last line of `summary-reporter.ts`. */
function countIn(output: string): string {
  return output.match(/^\d+ passed, \d+ failed, \d+ skipped$/gm)?.at(-1) ?? 'FAILED before the tests ended'
}

/** What tests said of themselves when they were skipped. */
function skipsIn(output: string): string[] {
  return [...new Set(output.match(/^SKIPPED.*$/gm))]
}
