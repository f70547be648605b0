import { openRedis } from '../harness/redis-surroundings.ts'
import { atLeast, atMost, oursAtMost, type Run, type Suite } from '../harness/suite.ts'
import type { HeadgateRedisParams } from '../subjects/headgate-redis.ts'
import type { RedisBenchmarkParams } from '../subjects/redis-benchmark.ts'
import type { RlfRedisParams } from '../subjects/rlf-redis.ts'
import { rates } from './rates.ts'

// What is measured is the store: a decision of its stand-in does not count, and is avoided however busy the server is.
const [counts, deadlineMs] = [['store'], 10_000] as const
const work = { measure: 'ops/s', keys: 10_000, enableAutoPipelining: false } as const
const bucket = { ...work, algorithm: 'token-bucket', limit: rates(1), burst: 30_000_000, counts, deadlineMs }
const peer = { ...work, points: 1_000_000_000, duration: 86_400 }
const cost = { ...bucket, measure: 'ns/decision', inFlight: 256 } as const
const { burst: _, ...window } = { ...cost, algorithm: 'sliding-window', limit: ['1000000/hour'] }

/** Decisions in Redis, over one connection, by callers that make their next call when their last one is answered. */
export const redis: Suite = {
  name: 'redis',
  effort: { full: { warmMs: 400, measureMs: 1000 }, quick: { warmMs: 150, measureMs: 350 } },
  open: openRedis,
  cases: [
    {
      name: '256 in flight over 10,000 keys',
      unit: 'ops/s',
      ours: headgate('headgate', { ...bucket, inFlight: 256 }),
      theirs: rlf(256),
      target: atLeast(1.05),
    },
    {
      name: '256 in flight over 10,000 keys, beside the simplest GCRA script',
      unit: 'ops/s',
      ours: headgate('headgate', { ...bucket, inFlight: 256 }),
      theirs: [limit({ inFlight: 256, keys: 10_000 })],
      target: atLeast(0.55),
    },
    {
      name: '8 in flight over 10,000 keys',
      unit: 'ops/s',
      ours: headgate('headgate', { ...bucket, inFlight: 8 }),
      theirs: rlf(8),
      target: atLeast(0.9),
    },
    {
      name: '1 in flight over 10,000 keys',
      unit: 'ops/s',
      ours: headgate('headgate', { ...bucket, inFlight: 1 }),
      theirs: rlf(1),
      target: atLeast(0.9),
    },
    {
      name: 'cost of five rules on one key, against one rule',
      unit: 'ns/decision',
      ours: headgate('headgate, five rules', { ...cost, limit: rates(5) }),
      theirs: [headgate('headgate, one rule', cost)],
      target: atMost(2),
    },
    {
      name: 'cost of a sliding window, the default rule, against a bucket',
      unit: 'ns/decision',
      ours: headgate('headgate, sliding window', window),
      theirs: [headgate('headgate, bucket', cost)],
      target: null,
      brief: true,
    },
    {
      name: 'commands of a decision, 1 in flight',
      unit: 'commands/decision',
      ours: headgate('headgate', { ...bucket, measure: 'commands/decision', inFlight: 1 }),
      theirs: [rlfWith({ ...peer, measure: 'commands/decision', inFlight: 1 })],
      target: oursAtMost(1),
      brief: true,
    },
    {
      name: 'commands of a decision, 256 in flight',
      unit: 'commands/decision',
      ours: headgate('headgate', { ...bucket, measure: 'commands/decision', inFlight: 256 }),
      theirs: [rlfWith({ ...peer, measure: 'commands/decision', inFlight: 256 })],
      target: oursAtMost(1),
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
