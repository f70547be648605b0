import { atLeast, atMost, oursAtMost, type Run, type Suite } from '../harness/suite.ts'
import type { ExpressMemoryParams } from '../subjects/express-memory.ts'
import type { HeadgateMemoryParams } from '../subjects/headgate-memory.ts'
import type { ReservationsParams } from '../subjects/reservations.ts'
import type { RlfMemoryParams } from '../subjects/rlf-memory.ts'
import { rates } from './rates.ts'
import { threads } from './threads.ts'

// No run reaches the burst.
const bucket: HeadgateMemoryParams = {
  measure: 'ops/s',
  keys: 100_000,
  algorithm: 'token-bucket',
  limit: rates(1),
  burst: 30_000_000,
  allowed: true,
  maxKeys: 5_000_000,
}
const { burst: _, ...window } = { ...bucket, algorithm: 'sliding-window' }

const cost = { ...bucket, measure: 'ns/decision' } as const
const memory = { ...bucket, measure: 'bytes/key', keys: 1_000_000, maxKeys: 1_000_000 } as const
const day = { points: 1_000_000_000, duration: 86_400 }

/** Decisions in the memory of one process. */
export const engine: Suite = {
  name: 'engine',
  effort: { full: { warmMs: 300, measureMs: 500 }, quick: { warmMs: 100, measureMs: 150 } },
  cases: [
    {
      name: 'consumeSync, 100,000 random keys, one bucket rule',
      unit: 'ops/s',
      ours: headgate('headgate', bucket),
      theirs: rlf(100_000),
      target: atLeast(4),
    },
    {
      name: 'consumeSync, 100,000 random keys, beside express-rate-limit',
      unit: 'ops/s',
      ours: headgate('headgate', bucket),
      theirs: [express({ measure: 'ops/s', keys: 100_000, windowMs: 86_400_000 })],
      target: null,
      brief: true,
    },
    {
      name: 'consumeSync, 100,000 random keys with kept texts, beside a peer without key prefix',
      unit: 'ops/s',
      ours: headgate('headgate', { ...bucket, feed: 'kept' }),
      theirs: rlf(100_000, { keyPrefix: '', feed: 'kept' }),
      target: null,
      brief: true,
    },
    {
      name: 'consumeSync, one hot key',
      unit: 'ops/s',
      ours: headgate('headgate', { ...bucket, keys: 1 }),
      theirs: rlf(1),
      target: atLeast(2.5),
    },
    {
      name: 'process memory of 1 M keys',
      unit: 'bytes/key',
      ours: headgate('headgate', memory),
      theirs: [rlfWith({ measure: 'bytes/key', keys: 1_000_000, batch: 1 })],
      target: oursAtMost(64),
      brief: true,
    },
    {
      name: 'cost of a decision among 4 M keys, against 1,000',
      unit: 'ns/decision',
      ours: headgate('headgate, 4 M keys', { ...cost, keys: 4_000_000 }),
      theirs: [headgate('headgate, 1,000 keys', { ...cost, keys: 1000 })],
      target: atMost(5),
      brief: true,
    },
    {
      name: 'cost of three rules, against one',
      unit: 'ns/decision',
      ours: headgate('headgate, three rules', {
        ...cost,
        limit: rates(3),
      }),
      theirs: [headgate('headgate, one rule', cost)],
      target: atMost(2.2),
    },
    {
      name: 'cost of a denied call, against an admitted one',
      unit: 'ns/decision',
      ours: headgate('headgate, denied', { ...cost, limit: ['1/year'], burst: 1, allowed: false }),
      theirs: [headgate('headgate, admitted', cost)],
      target: atMost(1),
    },
    {
      name: 'cost of a sliding window, against a bucket',
      unit: 'ns/decision',
      ours: headgate('headgate, sliding window', { ...window, measure: 'ns/decision' }),
      theirs: [headgate('headgate, bucket', cost)],
      target: atMost(2),
    },
    {
      name: 'what reservations that held too many units give back, against a sliding window',
      unit: 'share',
      ours: reservations('headgate, bucket', 'token-bucket', 'given back'),
      theirs: [reservations('headgate, sliding window', 'sliding-window', 'given back')],
      target: null,
      brief: true,
    },
    {
      name: 'what reservations use of a limit that they compete for, against a sliding window',
      unit: 'share',
      ours: reservations('headgate, bucket', 'token-bucket', 'used'),
      theirs: [reservations('headgate, sliding window', 'sliding-window', 'used')],
      target: null,
      brief: true,
    },
    ...threads,
  ],
}

function headgate(label: string, params: HeadgateMemoryParams): Run {
  return { label, subject: 'headgate-memory', params: { ...params } }
}

function reservations(label: string, algorithm: string, measure: ReservationsParams['measure']): Run {
  const params: ReservationsParams = { algorithm, measure }
  return { label, subject: 'reservations', params: { ...params } }
}

/** Both ways to call it that its documentation shows: one promise at a time, and many together. */
function rlf(keys: number, more: Partial<RlfMemoryParams> = {}): Run[] {
  return [1, 1000].map((batch) => rlfWith({ measure: 'ops/s', keys, batch, ...more }))
}

function rlfWith(params: Omit<RlfMemoryParams, keyof typeof day>): Run {
  return { label: 'rate-limiter-flexible', subject: 'rlf-memory', params: { ...params, ...day } }
}

function express(params: ExpressMemoryParams): Run {
  return { label: 'express-rate-limit', subject: 'express-memory', params: { ...params } }
}
