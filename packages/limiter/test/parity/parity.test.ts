import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { redisForTests } from '../redis-for-tests.ts'
import { clockedRedisStore } from '../redis-subject.ts'
import { compare, warm } from './compare.ts'
import { seedOfRun } from './random.ts'

const redis = redisForTests()

describe('memory, Redis and the model', () => {
  it('answer random traffic alike, number for number', async () => {
    const seed = seedOfRun('parity')
    let stretch = 0
    await warm((clock) => clockedRedisStore(redis.client, clock, { prefix: 'warm' }))
    const result = await compare(
      {
        memory: (clock) => memoryStore({ clock }),
        redis: (clock) => clockedRedisStore(redis.client, clock, { prefix: `p${++stretch}` }),
      },
      { seed, operations: 120_000 },
    )
    const { operations, edges, denials, tooMany, refunded, verbs } = result
    console.log(
      `parity: ${operations} operations ${JSON.stringify(verbs)}, ${denials} denials, ${tooMany} of them of a ` +
        `window too many, ${refunded} refunds gave something, ${edges} at an edge`,
    )
    expect(result.disagreement).toBeNull()
    expect(edges / operations).toBeGreaterThanOrEqual(0.15)
    expect(denials / operations).toBeGreaterThanOrEqual(0.2)
    expect(tooMany / operations).toBeGreaterThanOrEqual(0.0005)
    expect(refunded / operations).toBeGreaterThanOrEqual(0.015)
  }, 300_000)
})
