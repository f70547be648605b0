/** What 1,000 configurations leave behind in a process that answered under each of them. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RedisServer } from '../../../limiter/test/redis-server.ts'

const CHILD = join(import.meta.dirname, 'fixtures/reloads.ts')
/** 5 KB a reload that were left behind once made 4.5 MB. */
const GROWTH_MAX = 1_500_000

let redis: RedisServer

beforeAll(async () => {
  redis = await RedisServer.start()
})
afterAll(() => redis?.stop())

async function growth(...args: readonly string[]): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', CHILD, ...args])
  const { answered, readings } = JSON.parse(stdout) as { answered: number; readings: number[] }
  expect(answered).toBe(30_000)
  const [first = 0, last = 0] = [readings[0], readings.at(-1)]
  return last - first
}

describe('memory over 1,000 reloads with traffic between them', { timeout: 180_000 }, () => {
  it('is flat with a memory store', async () => {
    expect(await growth()).toBeLessThan(GROWTH_MAX)
  })

  it('is flat with Redis', async () => {
    expect(await growth(redis.url)).toBeLessThan(GROWTH_MAX)
  })
})
