import { memoryStore } from '../../src/stores/memory/index.ts'
import type { RedisForTests } from '../redis-for-tests.ts'
import { clockedRedisStore } from '../redis-subject.ts'
import { InTurn } from '../shared-memory/in-turn.ts'
import { compare, warm } from './compare.ts'
import { seedOfRun } from './random.ts'

/** Asks all stores the same random questions; resolves with what there was to be seen, a disagreement first of all. */
export async function agree(redis: RedisForTests, operations: number): ReturnType<typeof compare> {
  const seed = seedOfRun('parity')
  let stretch = 0
  await warm((clock) => clockedRedisStore(redis.client, clock, { prefix: 'headgate:warm' }))
  const result = await compare(
    {
      memory: (clock) => memoryStore({ clock }),
      'shared memory': (clock) => new InTurn(clock),
      redis: (clock) => clockedRedisStore(redis.client, clock, { prefix: `headgate:p${++stretch}` }),
    },
    { seed, operations },
  )
  const { operations: made, edges, denials, blocked, tooMany, refunded, verbs } = result
  console.log(
    `parity: ${made} operations ${JSON.stringify(verbs)}, ${denials} denials, ${blocked} of them by a ban or block, ${tooMany} of a ` +
      `window too many, ${refunded} refunds gave something, ${edges} at an edge`,
  )
  return result
}
