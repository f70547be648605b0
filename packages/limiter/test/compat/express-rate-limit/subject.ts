import * as theirs from 'express-rate-limit'
import { type RedisReply, RedisStore } from 'rate-limit-redis'
import * as ours from '../../../src/entries/compat/express-rate-limit.ts'
import { redisStore } from '../../../src/entries/redis.ts'
import type { RedisForTests } from '../../redis-for-tests.ts'
import { answerOf, type differences, type Side } from './differences.ts'

export type Options = Partial<ours.Options>

/** One package on one store. */
export interface Subject {
  readonly side: Side
  /** A limiter; where a package would only log what is wrong, it does not. */
  create(options?: Options): ours.RateLimitRequestHandler
  readonly MemoryStore: new () => ours.Store &
    Required<Pick<ours.Store, 'init' | 'get' | 'resetAll' | 'shutdown'>>
  readonly ipKeyGenerator: typeof ours.ipKeyGenerator
  /** What this package answers where the two differ. */
  differing(what: keyof typeof differences): unknown
}

/** Both packages in memory, and ours over the store of theirs. */
export const inMemory: readonly Subject[] = [
  subject('theirs', () => ({})),
  subject('ours', () => ({})),
  subject('ours over their store', () => ({ store: new theirs.MemoryStore() })),
]

/** Both packages on one Redis, and ours by the store of theirs. */
export function inRedis(redis: RedisForTests): readonly Subject[] {
  const sendCommand = (command: string, ...args: string[]): Promise<RedisReply> =>
    redis.admin.call(command, ...args) as Promise<RedisReply>
  const their = (): Options => ({ store: new RedisStore({ sendCommand }) })
  return [
    subject('theirs', their),
    subject('ours', () => ({ store: redisStore(redis.client) })),
    subject('ours over their store', their),
  ]
}

function subject(side: Side, storeOf: () => Options): Subject {
  const { rateLimit, MemoryStore, ipKeyGenerator } = (side === 'theirs'
    ? theirs
    : ours) as unknown as typeof ours
  return {
    side,
    create: (options) => rateLimit({ validate: false, ...storeOf(), ...options }),
    MemoryStore,
    ipKeyGenerator,
    differing: (what) => answerOf(what, side),
  }
}
