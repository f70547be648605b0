/** The service, a bare server or a peer on a core of its own; `h2load` asks it from that of this process. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lackOf, type PeerName } from '../../../scripts/ensure-peers.ts'
import { hasCommand } from '../../../scripts/redis-installers.ts'
import { coreSeconds } from '../harness/core-seconds.ts'
import { quantile } from '../harness/quantile.ts'
import { startRedis } from '../harness/redis-surroundings.ts'
import { readParams, reportAll, skip } from '../harness/subject.ts'
import { type Load, make, pace, press } from '../wires/h2load.ts'
import { once } from '../wires/once.ts'
import { questionOf } from '../wires/question.ts'
import { startWire, type Wire } from '../wires/start-wire.ts'

/** What this subject is told. */
export interface WireParams {
  readonly wire: 'http' | 'grpc'
  readonly of: 'headgate' | 'headgate, fast path off' | 'headgate, grpc-js' | 'node:http' | PeerName
  readonly connections: number
  /** Requests under way on each of them. */
  readonly streams: number
  readonly isTls?: boolean
  /** Whether each decision is made in Redis, which shares the core of who asks. */
  readonly isInRedis?: boolean
  /** Whether the 99th percentile of latency at half of the peak is read as well, in milliseconds. */
  readonly atHalf?: boolean
}

/** V8 compiles what is called often, so what counts is how often, and not how long. */
const WARM_REQUESTS = 60_000
/** Fewer would take long to warm up. */
const WARM_CONNECTIONS_MIN = 16
const REDIS_CORE = 0
/** Numbers in an answer grow and shrink by some octets. */
const ANSWER_SHARE = 0.8

const params = readParams<WireParams>()
if (process.platform !== 'linux') skip('not measured: CPU time is read where Linux has it')
if (!hasCommand('h2load')) skip('not measured: no h2load')
const folder = mkdtempSync(join(tmpdir(), 'headgate-bench-'))
const redis = params.isInRedis === true ? await startRedis(REDIS_CORE) : null
try {
  using server = await startWire(params, redis)
  if (server === null) skip(`not measured: ${lackOf(params.of as PeerName)}`)
  await measure(server)
} finally {
  await redis?.stop()
  rmSync(folder, { recursive: true })
}

async function measure(server: Wire): Promise<void> {
  const question = questionOf(params)
  const load = loadOn(server, await once(server, question, params))
  await make({ ...load, connections: Math.max(load.connections, WARM_CONNECTIONS_MIN) }, WARM_REQUESTS)
  const core = coreSeconds(server.pid)
  const made = await press(load, params.measureMs)
  const serverMicros = ((coreSeconds(server.pid) - core) / made.requests) * 1e6
  const half = { perSecond: made.perSecond / 2, ms: params.measureMs, folder }
  const p99 = params.atHalf === true ? { 'p99 at half': quantile(await pace(load, half), 0.99) } : {}
  // Nobody was denied meanwhile.
  await once(server, question, params)
  reportAll({ peak: made.perSecond, ...p99 }, { serverMicros, askerShare: made.share })
}

function loadOn(server: Wire, answerBytes: number): Load {
  const { path, body, fields } = questionOf(params)
  const file = join(folder, 'body')
  writeFileSync(file, body)
  return {
    url: `http${params.isTls ? 's' : ''}://127.0.0.1:${server.port}${path}`,
    isHttp1: params.wire === 'http',
    connections: params.connections,
    streams: params.streams,
    fields,
    body: file,
    answerBytes: answerBytes * ANSWER_SHARE,
  }
}
