import { Redis } from 'ioredis'
import { type AsyncCall, type Callers, makeCalls, opsPerSecond } from './callers.ts'
import { countCommands } from './monitor.ts'
import type { Effort } from './suite.ts'

/** Decisions whose commands are counted. */
const COUNTED = 2000

/** What every subject that asks Redis is told. */
export interface RedisParams extends Callers {
  readonly measure: 'ops/s' | 'ns/decision' | 'commands/decision'
  /** Added by the suite, which starts the server. */
  readonly port?: number
  readonly enableAutoPipelining: boolean
}

/** The one connection of a subject. */
export function connectRedis({ port = 0, enableAutoPipelining }: RedisParams): Redis {
  return new Redis({ port, enableAutoPipelining })
}

/** The figure a case asks for, of calls against an empty server. */
export async function figureOf(call: AsyncCall, redis: Redis, params: RedisParams & Effort): Promise<number> {
  await redis.flushall()
  if (params.measure === 'commands/decision') {
    // The first calls may load the script.
    await makeCalls(call, params, COUNTED)
    return (await countCommands(redis, () => makeCalls(call, params, COUNTED))) / COUNTED
  }
  const ops = await opsPerSecond(call, params)
  return params.measure === 'ops/s' ? ops : 1e9 / ops
}
