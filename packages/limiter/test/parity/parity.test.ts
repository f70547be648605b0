import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { redisForTests } from '../redis-for-tests.ts'
import { clockedRedisStore } from '../redis-subject.ts'
import { InTurn } from '../shared-memory/in-turn.ts'
import { compare, warm } from './compare.ts'
import { seedOfRun } from './random.ts'

const USUAL = 120_000
/** Fewer where several servers take turns. */
const OPERATIONS = Number(process.env['HEADGATE_PARITY_OPERATIONS'] || USUAL)

const redis = redisForTests()

describe('memory, memory that threads share, Redis and the model', () => {
  it('answer random traffic alike, number for number', async () => {
    const seed = seedOfRun('parity')
    let stretch = 0
    await warm((clock) => clockedRedisStore(redis.client, clock, { prefix: 'headgate:warm' }))
    const result = await compare(
      {
        memory: (clock) => memoryStore({ clock }),
        'shared memory': (clock) => new InTurn(clock),
        redis: (clock) => clockedRedisStore(redis.client, clock, { prefix: `headgate:p${++stretch}` }),
      },
      { seed, operations: OPERATIONS },
    )
    const { operations, edges, denials, blocked, tooMany, refunded, verbs } = result
    console.log(
      `parity: ${operations} operations ${JSON.stringify(verbs)}, ${denials} denials, ${blocked} of them by a ban or block, ${tooMany} of a ` +
        `window too many, ${refunded} refunds gave something, ${edges} at an edge`,
    )
    expect(result.disagreement).toBeNull()
    // Little traffic may have none of what is rare.
    if (operations < USUAL) return
    expect(edges / operations).toBeGreaterThanOrEqual(0.15)
    expect(denials / operations).toBeGreaterThanOrEqual(0.2)
    expect(tooMany / operations).toBeGreaterThanOrEqual(0.0005)
    expect(blocked / operations).toBeGreaterThanOrEqual(0.01)
    expect(refunded / operations).toBeGreaterThanOrEqual(0.015)
  }, 300_000)
})
