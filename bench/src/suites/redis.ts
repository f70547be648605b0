import { openRedis } from '../harness/redis-surroundings.ts'
import { atLeast, atMost, oursAtMost, type Run, type Suite } from '../harness/suite.ts'
import type { HeadgateRedisParams } from '../subjects/headgate-redis.ts'
import type { RedisBenchmarkParams } from '../subjects/redis-benchmark.ts'
import type { RlfRedisParams } from '../subjects/rlf-redis.ts'
import { BURST, buckets, type RuleParams } from './rates.ts'

// What is measured is the store: a decision of its stand-in does not count, and is avoided however busy the server is.
const [counts, deadlineMs] = [['store'], 10_000] as const
const work = { measure: 'ops/s', keys: 10_000, enableAutoPipelining: false } as const
const bucket = { ...work, rules: buckets(1), counts, deadlineMs }
const peer = { ...work, points: 1_000_000_000, duration: 86_400 }
const cost = { ...bucket, measure: 'ns/decision', inFlight: 256 } as const
// On keys with state: a new key's first spends move its expiry, and that would be measured.
const filled = { ...cost, filledWith: 1000 } as const
const hot = { ...filled, keys: 1 } as const
const window: RuleParams = { limit: '1000000/hour' }
// A hot key gets all calls of a run.
const wide: RuleParams = { limit: '100000000/hour' }
const wider: RuleParams = { limit: '200000000/2h' }
const rate: RuleParams = { algorithm: 'token-bucket', limit: '1000000/52w', burst: BURST }
const otherRate: RuleParams = { ...rate, limit: '1100000/52w' }
const mixed: readonly RuleParams[] = [
  ...buckets(1),
  window,
  { algorithm: 'fixed-window', limit: '1000000/day' },
]

/** Decisions in Redis, over one connection, by callers that make their next call when their last one is answered. */
export const redis: Suite = {
  name: 'redis',
  effort: { full: { warmMs: 400, measureMs: 1000 }, quick: { warmMs: 150, measureMs: 350 } },
  open: () => openRedis(),
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
      ours: headgate('headgate, five rules', { ...cost, rules: buckets(5) }),
      theirs: [headgate('headgate, one rule', cost)],
      target: atMost(2),
    },
    {
      name: 'cost of five buckets, against one, on filled keys',
      unit: 'ns/decision',
      ours: headgate('headgate, five buckets', { ...filled, rules: buckets(5) }),
      theirs: [headgate('headgate, one bucket', filled)],
      target: null,
      brief: true,
    },
    {
      name: 'cost of three buckets, against one, on filled keys',
      unit: 'ns/decision',
      ours: headgate('headgate, three buckets', { ...filled, rules: buckets(3) }),
      theirs: [headgate('headgate, one bucket', filled)],
      target: null,
      brief: true,
    },
    {
      name: 'cost of a bucket, a sliding and a fixed window on one key, against one bucket, on filled keys',
      unit: 'ns/decision',
      ours: headgate('headgate, three kinds', { ...filled, rules: mixed }),
      theirs: [headgate('headgate, one bucket', filled)],
      target: null,
      brief: true,
    },
    {
      name: 'cost of a sliding window, the default rule, against a bucket, on filled keys',
      unit: 'ns/decision',
      ours: headgate('headgate, sliding window', { ...filled, rules: [window] }),
      theirs: [headgate('headgate, one bucket', filled)],
      target: atMost(1.25),
    },
    {
      name: 'one hot key, a bucket, 256 in flight',
      unit: 'ops/s',
      ours: headgate('headgate', { ...hot, measure: 'ops/s' }),
      theirs: rlf(256, 1),
      target: null,
      brief: true,
    },
    {
      name: 'one hot key, the default rule, 256 in flight',
      unit: 'ops/s',
      ours: headgate('headgate', { ...hot, measure: 'ops/s', rules: [wide] }),
      theirs: rlf(256, 1),
      target: null,
      brief: true,
    },
    {
      name: 'one hot key, two versions of a bucket in turn, against one version',
      unit: 'ops/s',
      ours: headgate('headgate, two rates', inTurn(rate, otherRate)),
      theirs: [headgate('headgate, one rate', inTurn(rate, rate))],
      target: atLeast(0.7),
    },
    {
      name: 'one hot key, two versions of the default rule in turn, against one version',
      unit: 'ops/s',
      ours: headgate('headgate, two windows', inTurn(wide, wider)),
      theirs: [headgate('headgate, one window', inTurn(wide, wide))],
      target: atLeast(0.7),
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

/** Two limiters with a connection each, as two processes of a deployment have them, and the same name for their rule. */
function inTurn(one: RuleParams, other: RuleParams): HeadgateRedisParams {
  const [rules, otherRules] = [one, other].map((rule) => [{ ...rule, name: 'rate' }])
  return { ...hot, measure: 'ops/s', rules: rules ?? [], otherRules: otherRules ?? [] }
}

/** As documented for ioredis, and with the one option of that client that makes many calls cheaper. */
function rlf(inFlight: number, keys: number = peer.keys): Run[] {
  return [false, true].map((enableAutoPipelining) =>
    rlfWith({ ...peer, keys, inFlight, enableAutoPipelining }),
  )
}

function rlfWith(params: RlfRedisParams): Run {
  return { label: 'rate-limiter-flexible', subject: 'rlf-redis', params: { ...params } }
}

function limit(params: RedisBenchmarkParams): Run {
  return { label: 'redis-benchmark', subject: 'redis-benchmark', params: { ...params } }
}
