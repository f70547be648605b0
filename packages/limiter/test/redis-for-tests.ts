import { Redis } from 'ioredis'
import { afterAll, beforeAll } from 'vitest'
import { admitDocumentedUser } from './documented-user.ts'
import { RedisServer } from './redis-server.ts'

/** A server and clients of it, which are there while tests run. */
export interface RedisForTests {
  readonly server: RedisServer
  /** For the store: logged in as the user that our documents recommend, whose keys begin with `headgate:`. */
  readonly client: Redis
  /** For the test: may do everything. */
  readonly admin: Redis
}

/** Starts a Redis before the tests of the file or `describe` that calls this, and stops it after them. */
export function redisForTests(): RedisForTests {
  let server: RedisServer | undefined
  let client: Redis | undefined
  let admin: Redis | undefined
  beforeAll(async () => {
    server = await RedisServer.start()
    client = new Redis(await admitDocumentedUser(server, 'clients of yours,'))
    admin = new Redis(server.url)
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
