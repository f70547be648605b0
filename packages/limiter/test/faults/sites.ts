/** Servers that faults strike, and how a store reaches them. */
import type { RedisConnectionOptions } from '../../src/entries/redis.ts'
import { FaultProxy } from '../harness/fault-proxy.ts'
import { RedisCluster } from '../harness/redis-cluster.ts'
import { RedisSentinel } from '../harness/redis-sentinel.ts'
import type { RedisServerOptions } from '../harness/redis-setup.ts'
import { Started } from '../harness/started.ts'
import { RedisServer } from '../redis-server.ts'
import type { Site } from './fault.ts'

/** Longer than a busy machine keeps a healthy primary waiting. */
const DOWN_AFTER_MS = 1000

export interface OneServer extends Site {
  readonly server: RedisServer
}

/** One server. */
export async function oneServer(options: RedisServerOptions = {}): Promise<OneServer> {
  const server = await RedisServer.start(options)
  return { server, connection: server.url, [Symbol.asyncDispose]: () => server.stop() }
}

export interface ProxiedServer extends OneServer {
  readonly proxy: FaultProxy
}

/** One server behind a network that can fail. */
export async function proxiedServer(): Promise<ProxiedServer> {
  await using started = new Started()
  const server = started.use(await RedisServer.start())
  const proxy = started.use(await FaultProxy.start(server.port))
  const all = started.move()
  return { server, proxy, connection: proxy.url, [Symbol.asyncDispose]: () => all[Symbol.asyncDispose]() }
}

export interface GuardedServer extends OneServer {
  /** Tells the store the password of now. */
  learnPassword(password: string): void
}

/** One server with a user, whose password the store asks for. */
export async function serverWithUser(): Promise<GuardedServer> {
  let password = 'first'
  const server = await RedisServer.start({ user: { name: 'alice', password } })
  const connection: RedisConnectionOptions = {
    host: '127.0.0.1',
    port: server.port,
    username: 'alice',
    password: () => password,
  }
  return {
    server,
    connection,
    learnPassword(now) {
      password = now
    },
    [Symbol.asyncDispose]: () => server.stop(),
  }
}

export interface SentinelSite extends Site {
  readonly redis: RedisSentinel
}

/** A primary with two replicas and three Sentinels. */
export async function sentinels(): Promise<SentinelSite> {
  const redis = await RedisSentinel.start({ downAfterMs: DOWN_AFTER_MS })
  const connection = { sentinels: redis.sentinels, name: redis.masterName }
  return { redis, connection, [Symbol.asyncDispose]: () => redis.stop() }
}

export interface ClusterSite extends Site {
  readonly redis: RedisCluster
}

/** Three primaries with a replica each, which answer although a part of the slots is lost. */
export async function cluster(): Promise<ClusterSite> {
  const redis = await RedisCluster.start({ args: ['--cluster-require-full-coverage', 'no'] })
  return { redis, connection: { nodes: redis.addresses }, [Symbol.asyncDispose]: () => redis.stop() }
}
