import { Redis } from 'ioredis'
import { RedisServer } from '../../../packages/limiter/test/redis-server.ts'
import { pin } from './pin.ts'
import type { Surroundings } from './suite.ts'

/** Core of the server; the subjects have another one. */
const SERVER_CORE = 1

/** Starts a Redis of the suite's own. */
export async function openRedis(): Promise<Surroundings> {
  const server = await RedisServer.start()
  pin(SERVER_CORE, server.pid)
  const redis = new Redis(server.port)
  const about = /redis_version:(\S+)/.exec(await redis.info('server'))?.[1] ?? 'of unknown version'
  redis.disconnect()
  return { params: { port: server.port }, about: `Redis ${about}`, close: () => server.stop() }
}
