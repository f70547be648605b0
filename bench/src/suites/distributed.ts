import { openDistributed } from '../harness/redis-surroundings.ts'
import {
  atLeast,
  atMost,
  type Case,
  oursAtMost,
  type Run,
  type Suite,
  type Target,
} from '../harness/suite.ts'
import type { ClusterSlotsParams } from '../subjects/cluster-slots.ts'
import type { FrozenRedisParams } from '../subjects/frozen-redis.ts'
import type { HeadgateRedisParams } from '../subjects/headgate-redis.ts'
import type { LeasedLatencyParams } from '../subjects/leased-latency.ts'
import type { PacedRedisParams } from '../subjects/paced-redis.ts'
import type { RedisBenchmarkParams } from '../subjects/redis-benchmark.ts'
import type { RlfRedisParams } from '../subjects/rlf-redis.ts'
import { buckets } from './rates.ts'

// The limiter as a user has it: deadline, breaker, stand-in. What the stand-in decides does not count, and the deadline
// is so long that a busy machine does not call for it.
const exact: Omit<HeadgateRedisParams, 'inFlight'> = {
  measure: 'ops/s',
  keys: 10_000,
  enableAutoPipelining: false,
  rules: buckets(1),
  deadlineMs: 1000,
  counts: ['store'],
}
const peer = {
  measure: 'ops/s',
  keys: 10_000,
  enableAutoPipelining: false,
  points: 1_000_000_000,
  duration: 86_400,
} as const

const lease = { max: 20_000, lifetime: '200ms' }
const hot: HeadgateRedisParams = {
  ...exact,
  rules: [{ algorithm: 'token-bucket', limit: '100000/s' }],
  keys: 100,
  inFlight: 256,
}
const denied = [{ algorithm: 'token-bucket', limit: '1/52w', burst: 1 }]
const onCluster: HeadgateRedisParams = { ...exact, inFlight: 256, to: 'cluster' }
const leased: HeadgateRedisParams = { ...hot, lease, counts: ['store', 'lease'] }

// Twice this is long enough for leases of full size, and for denials to be asked for again, which is once a second.
const countMs = 700
const flood = { measure: 'commands/decision', keys: 1000, inFlight: 256, countMs } as const

const paced = { deadlineMs: 300, limit: '100000/s', keys: 10, rate: 1000 }
const frozen = { inFlight: 256, keys: 10_000, deadlineMs: 15 }

/** Decisions on Redis with everything around the store that a limiter brings along, and what that is for. */
export const distributed: Suite = {
  name: 'distributed',
  effort: { full: { warmMs: 250, measureMs: 550 }, quick: { warmMs: 60, measureMs: 100 } },
  open: openDistributed,
  cases: [
    {
      name: '256 callers over 10,000 keys',
      unit: 'ops/s',
      ours: headgate('headgate', { ...exact, inFlight: 256 }),
      theirs: rlf(256),
      target: atLeast(2.2),
    },
    {
      name: '256 callers over 10,000 keys, beside the simplest GCRA script',
      unit: 'ops/s',
      ours: headgate('headgate', { ...exact, inFlight: 256 }),
      theirs: [limit({ inFlight: 256, keys: 10_000 })],
      target: atLeast(1.3),
    },
    {
      name: '8 callers over 10,000 keys',
      unit: 'ops/s',
      ours: headgate('headgate', { ...exact, inFlight: 8 }),
      theirs: rlf(8),
      target: atLeast(0.9),
    },
    {
      name: '1 caller over 10,000 keys',
      unit: 'ops/s',
      ours: headgate('headgate', { ...exact, inFlight: 1 }),
      theirs: rlf(1),
      target: atLeast(0.9),
    },
    {
      name: '100 hot keys with leases, against without',
      unit: 'ops/s',
      ours: headgate('headgate, leases', leased),
      theirs: [headgate('headgate, exact', hot)],
      target: atLeast(20),
    },
    {
      name: '100 hot keys with leases: decisions that wait for Redis',
      unit: 'asking/decision',
      ours: headgate('headgate, leases', {
        ...leased,
        measure: 'asking/decision',
        countMs,
        counts: ['store'],
      }),
      theirs: [headgate('headgate, exact', { ...hot, measure: 'asking/decision' })],
      target: oursAtMost(0.01),
      brief: true,
    },
    {
      name: '100 hot keys with leases: commands',
      unit: 'commands/decision',
      ours: headgate('headgate, leases', { ...leased, measure: 'commands/decision', countMs }),
      theirs: [headgate('headgate, exact', { ...hot, measure: 'commands/decision' })],
      target: oursAtMost(0.01),
      brief: true,
    },
    latency('median', 0.5, null),
    latency('99th percentile', 0.99, oursAtMost(20)),
    latency('99.9th percentile', 0.999, null),
    {
      name: 'a flood on 1,000 denied keys',
      unit: 'commands/decision',
      ours: headgate('headgate', { ...exact, ...flood, rules: denied, ends: 'denied' }),
      theirs: [rlfWith({ ...peer, ...flood, points: 1, countMs: 300, exhausted: true })],
      target: oursAtMost(0.01),
      brief: true,
    },
    {
      name: '10 keys at 100/s each through a link of 80 ms: median',
      unit: 'µs',
      ours: link('headgate, leases', { ...paced, lease, share: 0.5 }),
      theirs: [link('headgate, exact', { ...paced, share: 0.5 })],
      target: oursAtMost(100),
      brief: true,
    },
    {
      name: '10 keys at 100/s each through a link of 80 ms: 99th percentile',
      unit: 'µs',
      ours: link('headgate, leases', { ...paced, lease, share: 0.99 }),
      theirs: [link('headgate, exact', { ...paced, share: 0.99 })],
      target: null,
      brief: true,
    },
    {
      name: 'Redis frozen, 256 callers: 99th percentile until the breaker opens',
      unit: 'ms',
      ours: freeze('headgate', { ...frozen, phase: 'until' }),
      theirs: [freeze('rate-limiter-flexible', { ...frozen, phase: 'until' })],
      target: oursAtMost(frozen.deadlineMs + 10),
      brief: true,
    },
    {
      name: 'the same, less the delay of the event loop',
      unit: 'ms',
      ours: freeze('headgate', { ...frozen, phase: 'until', lessLoopDelay: true }),
      theirs: [freeze('rate-limiter-flexible', { ...frozen, phase: 'until', lessLoopDelay: true })],
      target: oursAtMost(frozen.deadlineMs + 10),
      brief: true,
    },
    {
      name: 'Redis frozen, 256 callers: 99th percentile after the breaker opened',
      unit: 'ms',
      ours: freeze('headgate', { ...frozen, phase: 'after' }),
      theirs: [freeze('rate-limiter-flexible', { ...frozen, phase: 'after' })],
      target: oursAtMost(1),
      brief: true,
    },
    {
      name: '256 callers on a Cluster of three nodes, against one server',
      unit: 'ops/s',
      ours: headgate('headgate, three nodes', onCluster),
      theirs: [headgate('headgate, one server', { ...exact, inFlight: 256 })],
      target: atLeast(0.7),
    },
    {
      name: '256 callers on a Cluster of three nodes with more shards, against 6',
      unit: 'ops/s',
      ours: headgate('headgate, 24 shards', { ...onCluster, shards: 24 }),
      theirs: [headgate('headgate, 6 shards', onCluster)],
      target: null,
    },
    {
      name: 'a decision on three nodes, against one node, through links of 40 ms',
      unit: 'ms',
      ours: slots('headgate, three nodes', { policies: 3 }),
      theirs: [slots('headgate, one node', { policies: 1 })],
      target: atMost(1.2),
      brief: true,
    },
  ],
}

function headgate(label: string, params: HeadgateRedisParams): Run {
  return { label, subject: 'headgate-redis', params: { ...params } }
}

/** As documented for ioredis, and with the one option of that client that makes many calls cheaper. */
function rlf(inFlight: number): Run[] {
  return [false, true].map((enableAutoPipelining) => rlfWith({ ...peer, inFlight, enableAutoPipelining }))
}

function rlfWith(params: RlfRedisParams): Run {
  return { label: 'rate-limiter-flexible', subject: 'rlf-redis', params: { ...params } }
}

function limit(params: RedisBenchmarkParams): Run {
  return { label: 'redis-benchmark', subject: 'redis-benchmark', params: { ...params } }
}

function link(label: string, params: PacedRedisParams): Run {
  return { label, subject: 'paced-redis', params: { ...params } }
}

function latency(quantile: string, share: number, target: Target | null): Case {
  const { rules, keys, deadlineMs = 1000 } = hot
  const params: LeasedLatencyParams = { rules, keys, deadlineMs, share }
  return {
    name: `100 hot keys with leases: a decision in a turn of its own, ${quantile}`,
    unit: 'µs',
    ours: { label: 'headgate, leases', subject: 'leased-latency', params: { ...params, lease } },
    theirs: [{ label: 'headgate, memory', subject: 'leased-latency', params: { ...params } }],
    target,
    brief: target === null,
  }
}

function freeze(of: FrozenRedisParams['of'], params: Omit<FrozenRedisParams, 'of'>): Run {
  return { label: of, subject: 'frozen-redis', params: { ...params, of }, roams: true }
}

function slots(label: string, params: ClusterSlotsParams): Run {
  return { label, subject: 'cluster-slots', params: { ...params } }
}
