/** The service over the Redis protocol, or a bare responder in its place, on a core of its own; `redis-benchmark` asks it. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { coreRate } from '../harness/core-rate.ts'
import { startServer } from '../harness/http-server.ts'
import { appOf, NEVER_DENIED, serve, type Workers } from '../harness/serve.ts'
import { readParams, report } from '../harness/subject.ts'

/** What this subject is told. */
export interface RespWireParams extends Workers {
  readonly of: 'headgate' | 'responder'
  readonly connections: number
  /** Commands under way on each connection. */
  readonly depth: number
  readonly keys: number
}

const TOOL = 'redis-benchmark'
/** Nobody is denied, and no key recovers. */
const THROTTLE = ['CL.THROTTLE', 'key:__rand_int__', '29999999', '1000000', '31536000']
/** Commands whose time makes one figure, without and with a pipeline. */
const BLOCK = { plain: 50_000, piped: 300_000 } as const

const run = promisify(execFile)
const { of, connections, depth, keys, workers, measureMs } = readParams<RespWireParams>()
const block = depth === 1 ? BLOCK.plain : BLOCK.piped
using server = await (of === 'headgate'
  ? serve('resp', NEVER_DENIED, { workers })
  : startServer(appOf('resp-responder')))
// Each worker compiles for itself.
for (let i = 0; i < (workers ?? 1); i++) await ask()
report(await coreRate(server, { decisions: block, make: ask }, measureMs))

async function ask(): Promise<void> {
  const load = ['-c', String(connections), '-P', String(depth), '-r', String(keys), '-n', String(block)]
  const args = ['-p', String(server.port), ...load, '-q', '--csv', ...THROTTLE]
  const { stdout, stderr } = await run(TOOL, args)
  if (/error/i.test(stdout + stderr)) throw new Error(`${TOOL} got an error: ${stdout}${stderr}`)
}
