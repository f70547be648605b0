import { describe, expect, it } from 'vitest'
import { redisForTests } from '../redis-for-tests.ts'
import { agree } from './agree.ts'

const OPERATIONS = 120_000

const redis = redisForTests()

describe('memory, memory that threads share, Redis and the model', () => {
  it('answer much random traffic alike, in which there is enough of what is rare', async () => {
    const { disagreement, operations, edges, denials, tooMany, blocked, refunded } = await agree(
      redis,
      OPERATIONS,
    )
    expect(disagreement).toBeNull()
    expect(edges / operations).toBeGreaterThanOrEqual(0.15)
    expect(denials / operations).toBeGreaterThanOrEqual(0.2)
    // Rare: from a few dozen to some hundreds.
    expect(tooMany).toBeGreaterThan(0)
    expect(blocked / operations).toBeGreaterThanOrEqual(0.01)
    expect(refunded / operations).toBeGreaterThanOrEqual(0.015)
  }, 300_000)
})
