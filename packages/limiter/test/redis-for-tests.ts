import { Redis } from 'ioredis'
import { afterAll, beforeAll } from 'vitest'
import { RedisServer } from './redis-server.ts'

/** A server and a client of it; both are there while tests run. */
export interface RedisForTests {
  readonly server: RedisServer
  readonly client: Redis
}

/** Starts a Redis before the tests of the file or `describe` that calls this, and stops it after them. */
export function redisForTests(): RedisForTests {
  let server: RedisServer | undefined
  let client: Redis | undefined
  beforeAll(async () => {
    server = await RedisServer.start()
    client = new Redis(server.url)
  })
  afterAll(async () => {
    client?.disconnect()
    await server?.stop()
  })
  return {
    get server() {
      return server as RedisServer
    },
    get client() {
      return client as Redis
    },
  }
}
