import { type ShareName, shareNames } from '../harness/latencies.ts'
import { openRedis } from '../harness/redis-surroundings.ts'
import type { Case, Run, Suite, Unit } from '../harness/suite.ts'
import type { HeadgateMemoryParams } from '../subjects/headgate-memory.ts'
import type { MemoryLatencyParams } from '../subjects/memory-latency.ts'
import type { RedisBytesParams } from '../subjects/redis-bytes.ts'
import type { RedisLatencyParams } from '../subjects/redis-latency.ts'
import type { RlfMemoryParams } from '../subjects/rlf-memory.ts'
import type { ThreadsLatencyParams } from '../subjects/threads-latency.ts'
import { rates } from './rates.ts'

/** Two sides of which the same figures are read. */
interface Sides {
  readonly name: string
  readonly ours: Run
  readonly theirs: readonly Run[]
  readonly brief?: boolean
}

/** A figure of a subject, and its words in a case's name where they are others. */
interface Reading {
  readonly reading: string
  readonly unit: Unit
  readonly words?: string
}

/** So few that a lease holds many decisions, at the rate of the times too. */
const HOT_KEYS = 10
const PEER = 'rate-limiter-flexible'
// No run reaches a limit, and no key recovers.
const [slow = ''] = rates(1)
const many = { keys: 100_000, limit: slow }
const hotRule = { algorithm: 'sliding-window', limit: '1000000000/day' }
const lease = { max: 20_000, lifetime: '200ms' }
const inRedis = { of: 'headgate', keys: 10_000, rule: { limit: '1000000000/day' } } as const
const hotInRedis = { ...inRedis, keys: HOT_KEYS } as const
const MEMORY_KEYS = 1_000_000
const REDIS_KEYS = 50_000

const coreRate: Reading = {
  reading: 'decisions/core-second',
  unit: 'decisions/core-second',
  words: 'decisions a second of a core',
}
const rate: Reading = {
  reading: 'ops/s',
  unit: 'ops/s',
  words: 'decisions a second by the clock on the wall',
}
const times = shareNames.map((reading): Reading => ({ reading, unit: 'µs' }))
const timesPaced = times.map((time): Reading => ({ ...time, words: `${time.reading} at 5,000 a second` }))
const timesAtThePeak = shareNames.map((name: ShareName): Reading => {
  const reading = `${name} at the peak`
  return { reading, unit: 'µs' }
})
const costs: readonly Reading[] = [
  { reading: 'server µs', unit: 'µs', words: 'CPU time of Redis' },
  { reading: 'bytes to Redis', unit: 'bytes/decision' },
  { reading: 'bytes from Redis', unit: 'bytes/decision' },
  { reading: 'commands', unit: 'commands/decision' },
  { reading: 'server µs paced', unit: 'µs', words: 'CPU time of Redis at 5,000 a second' },
  { reading: 'commands paced', unit: 'commands/decision', words: 'commands at 5,000 a second' },
]

/** Decisions of one core: how many, how long each takes up to the 99.9th percentile, and what they cost; no peer is to be beaten here. */
export const latency: Suite = {
  name: 'latency',
  effort: { full: { warmMs: 300, measureMs: 700 }, quick: { warmMs: 60, measureMs: 120 } },
  open: () => openRedis(),
  cases: [
    ...each([coreRate, rate, ...times], {
      name: 'memory, 100,000 keys, consumeSync',
      ours: memory('headgate', { ...many, of: 'consumeSync' }),
      theirs: [memory(PEER, { ...many, of: PEER })],
    }),
    ...each(times, {
      name: 'memory, 100,000 keys, consumeSync and two readings of the clock',
      ours: memory('headgate', { ...many, of: 'consumeSync' }),
      theirs: [memory('the clock', { ...many, of: 'clock' })],
      brief: true,
    }),
    ...each([coreRate, rate, ...times], {
      name: 'memory, 100,000 keys, await consume',
      ours: memory('headgate', { ...many, of: 'consume' }),
      theirs: [memory(PEER, { ...many, of: PEER })],
    }),
    ...each([coreRate, rate, ...times], {
      name: 'shared memory, one hot key, 2 threads',
      ours: threads('headgate, 2 threads', 2),
      theirs: [threads('headgate, one thread', 1)],
      brief: true,
    }),
    ...each([coreRate, rate, ...times, ...costs], {
      name: 'Redis, 10,000 keys, 1 in flight',
      ours: redis('headgate', { ...inRedis, inFlight: 1 }),
      theirs: [redis(PEER, { ...inRedis, of: PEER, inFlight: 1 })],
    }),
    ...each([coreRate, rate, ...timesPaced, ...timesAtThePeak, ...costs], {
      name: 'Redis, 10,000 keys, 256 in flight',
      ours: redis('headgate', { ...inRedis, inFlight: 256 }),
      theirs: [false, true].map((enableAutoPipelining) =>
        redis(PEER, { ...inRedis, of: PEER, inFlight: 256, enableAutoPipelining }),
      ),
    }),
    ...each([coreRate, rate, ...timesPaced, ...costs], {
      name: 'leases, 10 hot keys',
      ours: redis('headgate, leases', { ...hotInRedis, inFlight: 256, lease }),
      theirs: [redis('headgate, exact', { ...hotInRedis, inFlight: 256 })],
      brief: true,
    }),
    ...each([coreRate, rate, ...timesPaced, ...costs], {
      name: '9 of 10 decisions for 10 hot keys with leases',
      ours: redis('headgate, leases', { ...inRedis, keys: 100_000, hotKeys: HOT_KEYS, inFlight: 256, lease }),
      theirs: [redis('headgate, exact', { ...inRedis, keys: 100_000, hotKeys: HOT_KEYS, inFlight: 256 })],
      brief: true,
    }),
    {
      name: 'memory of a million keys, token-bucket',
      unit: 'bytes/key',
      ours: bytesInMemory('token-bucket'),
      theirs: [peersBytesInMemory()],
      target: null,
      brief: true,
    },
    ...['token-bucket', 'sliding-window'].map(
      (algorithm): Case => ({
        name: `memory of Redis, 50,000 keys, ${algorithm}`,
        unit: 'bytes/key',
        ours: bytesInRedis('headgate', { of: 'headgate', rule: { algorithm, limit: slow } }),
        theirs: [bytesInRedis(PEER, { of: PEER, rule: { limit: slow } })],
        target: null,
        brief: true,
      }),
    ),
  ],
}

function each(readings: readonly Reading[], { name, ours, theirs, brief = false }: Sides): Case[] {
  return readings.map(({ reading, unit, words = reading }) => ({
    name: `${name}: ${words}`,
    unit,
    ours: { ...ours, reading },
    theirs: theirs.map((run) => ({ ...run, reading })),
    target: null,
    brief,
  }))
}

function memory(label: string, params: MemoryLatencyParams): Run {
  return { label, subject: 'memory-latency', params: { ...params } }
}

/** Threads use all cores, or there would be nothing to see. */
function threads(label: string, count: number): Run {
  const params: ThreadsLatencyParams = { keys: 1, threads: count, ...hotRule }
  return { label, subject: 'threads-latency', params: { ...params }, roams: true }
}

function redis(label: string, params: RedisLatencyParams): Run {
  return { label, subject: 'redis-latency', params: { ...params } }
}

function bytesInMemory(algorithm: string): Run {
  const params: HeadgateMemoryParams = {
    measure: 'bytes/key',
    keys: MEMORY_KEYS,
    algorithm,
    limit: [slow],
    allowed: true,
    maxKeys: MEMORY_KEYS,
  }
  return { label: 'headgate', subject: 'headgate-memory', params: { ...params } }
}

function peersBytesInMemory(): Run {
  const params: RlfMemoryParams = {
    measure: 'bytes/key',
    keys: MEMORY_KEYS,
    points: 1_000_000_000,
    duration: 86_400,
    batch: 1,
  }
  return { label: PEER, subject: 'rlf-memory', params: { ...params } }
}

function bytesInRedis(label: string, params: Omit<RedisBytesParams, 'keys'>): Run {
  return { label, subject: 'redis-bytes', params: { ...params, keys: REDIS_KEYS } }
}
