import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { composeScripts, serverTime } from '../../src/stores/redis/scripts.ts'
import { RedisServer } from '../redis-server.ts'
import { clockedRedisStore, mutatedRedisStore } from '../redis-subject.ts'
import { compare, type Fresh, warm } from './compare.ts'
import { wrongLife } from './life.ts'
import { type LuaMutant, luaMutants, mutate } from './lua-mutants.ts'
import { seedOfRun } from './random.ts'

const OPERATIONS = 120_000

let server: RedisServer
let client: Redis
let seed: number
const table: string[] = []

beforeAll(async () => {
  server = await RedisServer.start()
  client = new Redis(server.url)
  // The same traffic every time: a mistake that is noticed once is noticed always.
  seed = seedOfRun('mutants', 20_260_101)
})

afterAll(async () => {
  console.log(`mutants of the scripts (seed ${seed}):\n${table.join('\n')}`)
  client?.disconnect()
  await server?.stop()
})

describe('a mistake in the scripts', () => {
  const texts = Object.values(composeScripts([], serverTime)).map(({ text }) => text)

  it.each(luaMutants)(
    'is noticed: $name',
    async (mutant) => {
      const changed = texts.filter((text) => mutate(mutant, text) !== text)
      expect(changed.length, 'scripts it applies to').toBeGreaterThan(0)
      const killer = mutant.by === 'life' ? await byLife(mutant) : await byTraffic(mutant)
      table.push(`  ${mutant.name.padEnd(50)} ${killer ?? 'SURVIVED'}`)
      expect(killer).not.toBeNull()
    },
    60_000,
  )

  it('is not seen where there is none', async () => {
    const healthy: LuaMutant = { name: 'healthy', find: '\0', replace: '', by: 'parity' }
    expect(await byTraffic(healthy)).toBeNull()
    const store = mutatedRedisStore(client, { prefix: 'healthy', mutate: (text) => text })
    expect(await wrongLife(store, client, 'healthy')).toBeNull()
  }, 60_000)
})

async function byTraffic(mutant: LuaMutant): Promise<string | null> {
  const prefix = `m${luaMutants.indexOf(mutant)}`
  let stretch = 0
  const fresh: Fresh = (clock) =>
    clockedRedisStore(client, clock, {
      prefix: `${prefix}-${++stretch}`,
      mutate: (text) => mutate(mutant, text),
    })
  try {
    await warm(fresh)
    const result = await compare({ mutant: fresh }, { seed, operations: OPERATIONS, untilDisagreement: true })
    return result.disagreement === null ? null : `a disagreement in operation ${result.operations}`
  } catch (error) {
    return `an error: ${String(error).slice(0, 60)}`
  }
}

async function byLife(mutant: LuaMutant): Promise<string | null> {
  const prefix = `m${luaMutants.indexOf(mutant)}`
  const store = mutatedRedisStore(client, { prefix, mutate: (text) => mutate(mutant, text) })
  return wrongLife(store, client, prefix)
}
