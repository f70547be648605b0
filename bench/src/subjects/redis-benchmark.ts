import { spawnSync } from 'node:child_process'
import { Redis } from 'ioredis'
import { readParams, report } from '../harness/subject.ts'

/** What this subject is told. */
export interface RedisBenchmarkParams {
  readonly inFlight: number
  readonly keys: number
  /** Added by the suite, which starts the server. */
  readonly port?: number
}

/** The simplest GCRA there is: KEYS[1] the key; ARGV[1] the interval of a unit, ARGV[2] the tolerance, microseconds. */
const script = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local due = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now)
local wait = due - now - ARGV[2]
if wait > 0 then return { 0, wait } end
due = due + ARGV[1]
redis.call('SET', KEYS[1], string.format('%.0f', due), 'PX', string.format('%.0f', (due - now) / 1000))
return { 1, 0 }
`
const INTERVAL_US = 31_536_000
const TOLERANCE_US = INTERVAL_US * 30_000_000
/** About what a core reaches, to turn time into a number of calls. */
const CALLS_A_MS = 200
const tool = 'redis-benchmark'

const { inFlight, keys, port = 0, warmMs, measureMs } = readParams<RedisBenchmarkParams>()
const redis = new Redis({ port })
await redis.flushall()
const sha = String(await redis.script('LOAD', script))
redis.disconnect()
benchmark(warmMs)
report(benchmark(measureMs))

function benchmark(ms: number): number {
  const calls = String(Math.ceil(ms * CALLS_A_MS))
  const load = [
    '-p',
    String(port),
    '-c',
    '1',
    '-P',
    String(inFlight),
    '-r',
    String(keys),
    '-n',
    calls,
    '--csv',
  ]
  const evalsha = ['evalsha', sha, '1', 'key:__rand_int__', String(INTERVAL_US), String(TOLERANCE_US)]
  const { error, status, stdout, stderr } = spawnSync(tool, [...load, ...evalsha], { encoding: 'utf8' })
  if (error !== undefined) throw new Error(`${tool} cannot be started; install redis-tools`, { cause: error })
  if (status !== 0) throw new Error(`${tool} failed: ${stderr}`)
  // The last line is "test","calls a second",…
  const rate = Number(stdout.trim().split('\n').at(-1)?.split('","')[1])
  if (rate > 0) return rate
  throw new Error(`${tool} printed ${stdout}`)
}
