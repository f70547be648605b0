import * as theirs from 'rate-limiter-flexible'
import { onTestFinished } from 'vitest'
import type { RateLimiterLike } from '../../../src/compat/rate-limiter-flexible/rate-limiter-like.ts'
import * as ours from '../../../src/entries/compat/rate-limiter-flexible.ts'
import type { RedisForTests } from '../../redis-for-tests.ts'
import { answerOf, type differences, type Side } from './differences.ts'

/** Options that both packages document. */
export type Options = Omit<ours.IRateLimiterRedisOptions, 'storeClient'>

/** What both packages say of a limiter besides its methods. */
export interface LimiterFields {
  points: number
  duration: number
  readonly msDuration: number
  blockDuration: number
  readonly msBlockDuration: number
  readonly keyPrefix: string
  execEvenly: boolean
  readonly execEvenlyMinDelayMs: number
  getKey(key: string | number): string
  parseKey(key: string): string
}

/** One package on one store. */
export interface Subject {
  readonly side: Side
  readonly isShared: boolean
  readonly RateLimiterRes: typeof ours.RateLimiterRes
  create(options: Options): RateLimiterLike & LimiterFields
  /** A limiter that consumes of all of these. */
  union(...limiters: readonly RateLimiterLike[]): { consume(key: string): Promise<unknown> }
  /** What this package answers where the two differ. */
  differing(what: keyof typeof differences): unknown
}

/** Both packages in memory. */
export const inMemory: readonly Subject[] = [
  {
    ...members('theirs in memory'),
    create: (options) => new theirs.RateLimiterMemory(options as { points: number; duration: number }),
  },
  { ...members('ours'), create: (options) => new ours.RateLimiterMemory(options) },
]

/** Both packages on one Redis. */
export function inRedis(redis: RedisForTests): readonly Subject[] {
  return [
    {
      ...members('theirs in redis'),
      isShared: true,
      create: (options) => new theirs.RateLimiterRedis({ ...options, storeClient: redis.admin } as never),
    },
    {
      ...members('ours'),
      isShared: true,
      create(options) {
        const limiter = new ours.RateLimiterRedis({ ...options, storeClient: redis.client })
        onTestFinished(() => limiter.close())
        return limiter
      },
    },
  ]
}

function members(side: Side): Omit<Subject, 'create'> {
  const { RateLimiterRes, RateLimiterUnion } = side === 'ours' ? ours : theirs
  return {
    side,
    isShared: false,
    RateLimiterRes: RateLimiterRes as typeof ours.RateLimiterRes,
    union: (...limiters) => new RateLimiterUnion(...(limiters as never[])),
    differing: (what) => answerOf(what, side),
  }
}
