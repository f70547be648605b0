import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kinds, shapeOf } from '../../../../scripts/print-lua.ts'
import { compileScript } from '../../src/stores/redis/compile/compile-script.ts'
import { shapeOfRequests } from '../../src/stores/redis/shape.ts'
import { idleWindow } from '../oracle/custom.ts'
import { RedisServer } from '../redis-server.ts'
import { clockedRedisStore, mutatedRedisStore } from '../redis-subject.ts'
import { compare, type Fresh } from './compare.ts'
import { wrongLife } from './life.ts'
import { type LuaMutant, luaMutants, mutate } from './lua-mutants.ts'
import { seedOfRun } from './random.ts'
import { wrongSegments } from './segments.ts'

const OPERATIONS = 90_000
/** Many policies for a short while each: what only some rules meet comes early. */
const STRETCH = 400

let server: RedisServer
let client: Redis
let seed: number
const table: string[] = []

beforeAll(async () => {
  server = await RedisServer.start()
  // A mutant may call whatever it likes.
  client = new Redis(server.adminUrl)
  // The same traffic every time: a mistake that is noticed once is noticed always.
  seed = seedOfRun('mutants', 36)
})

afterAll(async () => {
  console.log(`mutants of the scripts (seed ${seed}):\n${table.join('\n')}`)
  client?.disconnect()
  await server?.stop()
})

describe('a mistake in the scripts', () => {
  const custom = {
    kind: idleWindow.kind,
    moreTerms: 3,
    words: 2,
    custom: true,
    role: 'enforced',
    overdraw: false,
  } as const
  const marked = ['bucket!', 'bucket,bucket~', 'bucket=|bucket', 'bucket|bucket=', 'bucket+']
  const shapes = [...[...kinds, ...marked].map(shapeOf), shapeOfRequests([[custom]])]
  const texts = shapes.map((shape) => compileScript(shape, [idleWindow]).text)

  it.each(luaMutants)(
    'is noticed: $name',
    async (mutant) => {
      const changed = texts.filter((text) => mutate(mutant, text) !== text)
      expect(changed.length, 'scripts it applies to').toBeGreaterThan(0)
      const killer = await killers[mutant.by](mutant)
      table.push(`  ${mutant.name.padEnd(60)} ${killer ?? 'SURVIVED'}`)
      expect(killer).not.toBeNull()
    },
    180_000,
  )

  it('is not seen where there is none', async () => {
    const healthy = { find: '\0', replace: '' }
    expect(await byTraffic(healthy, 10_000)).toBeNull()
    expect(await bySegments(healthy)).toBeNull()
    const store = mutatedRedisStore(client, { prefix: 'healthy', mutate: (text) => text })
    expect(await wrongLife(store, client, 'healthy')).toBeNull()
  })
})

const killers: Readonly<Record<LuaMutant['by'], (mutant: LuaMutant) => Promise<string | null>>> = {
  parity: (mutant) => byTraffic(mutant),
  segments: bySegments,
  life: byLife,
}

type Change = Pick<LuaMutant, 'find' | 'replace'>

async function byTraffic(mutant: Change, operations: number = OPERATIONS): Promise<string | null> {
  const prefix = prefixOf(mutant)
  let stretch = 0
  const fresh: Fresh = (clock) =>
    clockedRedisStore(client, clock, {
      prefix: `${prefix}-${++stretch}`,
      mutate: (text) => mutate(mutant, text),
    })
  try {
    const result = await compare(
      { mutant: fresh },
      {
        seed,
        operations,
        stretch: STRETCH,
        untilDisagreement: true,
      },
    )
    return result.disagreement === null ? null : `a disagreement in operation ${result.operations}`
  } catch (error) {
    return `an error: ${String(error).slice(0, 60)}`
  }
}

async function bySegments(mutant: Change): Promise<string | null> {
  const prefix = prefixOf(mutant)
  const change = (text: string): string => mutate(mutant, text)
  return wrongSegments((clock) => clockedRedisStore(client, clock, { prefix, mutate: change }), seed)
}

async function byLife(mutant: Change): Promise<string | null> {
  const prefix = prefixOf(mutant)
  const store = mutatedRedisStore(client, { prefix, mutate: (text) => mutate(mutant, text) })
  return wrongLife(store, client, prefix)
}

function prefixOf(mutant: Change): string {
  return `m${luaMutants.indexOf(mutant as LuaMutant)}`
}
