import { Redis } from 'ioredis'
import { afterAll, beforeAll } from 'vitest'
import type { RedisServerOptions } from './harness/redis-setup.ts'
import { RedisServer } from './redis-server.ts'

/** A server and clients of it, which are there while tests run. */
export interface RedisForTests {
  readonly server: RedisServer
  /** For the store: with the permissions that our documents recommend, for keys that begin with `headgate:`. */
  readonly client: Redis
  /** For the test: may do everything. */
  readonly admin: Redis
}

/** Starts a Redis before the tests of the file or `describe` that calls this, and stops it after them. */
export function redisForTests(options: RedisServerOptions = {}): RedisForTests {
  let server: RedisServer | undefined
  let client: Redis | undefined
  let admin: Redis | undefined
  beforeAll(async () => {
    server = await RedisServer.start(options)
    client = new Redis(server.url)
    admin = new Redis(server.adminUrl)
  })
  afterAll(async () => {
    client?.disconnect()
    admin?.disconnect()
    await server?.stop()
  })
  return {
    get server() {
      return server as RedisServer
    },
    get client() {
      return client as Redis
    },
    get admin() {
      return admin as Redis
    },
  }
}
