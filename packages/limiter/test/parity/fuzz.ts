/** Random traffic on the model, memory, memory that threads share and Redis, for as long as wanted. */
import { Redis } from 'ioredis'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { RedisServer } from '../redis-server.ts'
import { clockedRedisStore } from '../redis-subject.ts'
import { InTurn } from '../shared-memory/in-turn.ts'
import { compare } from './compare.ts'

/** Operations with one seed. */
const ROUND = 100_000

/** Says whether all three answered alike. */
export async function fuzzEngine(operations: number, seed: number): Promise<boolean> {
  const server = await RedisServer.start()
  const client = new Redis(server.url)
  try {
    return await run(server, client, operations, seed)
  } finally {
    client.disconnect()
    await server.stop()
  }
}

async function run(
  server: RedisServer,
  client: Redis,
  operations: number,
  firstSeed: number,
): Promise<boolean> {
  for (let done = 0, seed = firstSeed; done < operations; done += ROUND, seed++) {
    await server.command('FLUSHALL')
    let stretch = 0
    const { disagreement, denials, refunded, tooMany } = await compare(
      {
        memory: (clock) => memoryStore({ clock }),
        'shared memory': (clock) => new InTurn(clock),
        redis: (clock) => clockedRedisStore(client, clock, { prefix: `headgate:f${++stretch}` }),
      },
      { seed, operations: Math.min(ROUND, operations - done) },
    )
    if (disagreement !== null) {
      console.log(disagreement)
      return false
    }
    console.log(`seed ${seed}: alike (${denials} denials, ${refunded} refunds, ${tooMany} windows too many)`)
  }
  return true
}
