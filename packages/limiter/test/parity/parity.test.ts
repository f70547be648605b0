import { describe, expect, it } from 'vitest'
import { redisForTests } from '../redis-for-tests.ts'
import { agree } from './agree.ts'

/** More in the long tests; fewer where several servers take turns. */
const OPERATIONS = Number(process.env['HEADGATE_PARITY_OPERATIONS'] || 40_000)

const redis = redisForTests()

describe('memory, memory that threads share, Redis and the model', () => {
  it('answer random traffic alike, number for number', async () => {
    expect((await agree(redis, OPERATIONS)).disagreement).toBeNull()
  }, 300_000)
})
