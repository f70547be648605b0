/** `npm run fuzz`: random traffic on the model, memory and Redis, for as long as wanted, with a new seed each time. */
import { parseArgs } from 'node:util'
import { Redis } from 'ioredis'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { RedisServer } from '../redis-server.ts'
import { clockedRedisStore } from '../redis-subject.ts'
import { compare } from './compare.ts'

/** Operations with one seed. */
const ROUND = 100_000

const { values } = parseArgs({
  options: {
    operations: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
  },
})
const server = await RedisServer.start()
const client = new Redis(server.url)
try {
  process.exitCode = await run(Number(values.operations), Number(values.seed))
} finally {
  client.disconnect()
  await server.stop()
}

async function run(operations: number, firstSeed: number): Promise<number> {
  for (let done = 0, seed = firstSeed; done < operations; done += ROUND, seed++) {
    await client.flushall()
    let stretch = 0
    const { disagreement, denials, refunded, tooMany } = await compare(
      {
        memory: (clock) => memoryStore({ clock }),
        redis: (clock) => clockedRedisStore(client, clock, { prefix: `f${++stretch}` }),
      },
      { seed, operations: Math.min(ROUND, operations - done) },
    )
    if (disagreement !== null) {
      console.log(disagreement)
      return 1
    }
    console.log(`seed ${seed}: alike (${denials} denials, ${refunded} refunds, ${tooMany} windows too many)`)
  }
  return 0
}
