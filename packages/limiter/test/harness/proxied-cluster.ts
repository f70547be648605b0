/** A Redis Cluster of which every node is reached through a FaultProxy. */
import { Cluster } from 'ioredis'
import type { RedisServer } from '../redis-server.ts'
import { FaultProxy } from './fault-proxy.ts'
import type { RedisCluster } from './redis-cluster.ts'

export class ProxiedCluster implements AsyncDisposable {
  readonly #proxies: ReadonlyMap<number, FaultProxy>

  private constructor(proxies: ReadonlyMap<number, FaultProxy>) {
    this.#proxies = proxies
  }

  static async start({ nodes }: RedisCluster): Promise<ProxiedCluster> {
    const proxies = await Promise.all(
      nodes.map(async ({ port }) => [port, await FaultProxy.start(port)] as const),
    )
    return new ProxiedCluster(new Map(proxies))
  }

  get proxies(): readonly FaultProxy[] {
    return [...this.#proxies.values()]
  }

  /** The proxy in front of a node. */
  before({ port }: RedisServer): FaultProxy {
    const proxy = this.#proxies.get(port)
    if (proxy === undefined) throw new Error(`There is no proxy before port ${port}`)
    return proxy
  }

  /** A client that knows the nodes by their proxies alone. */
  client(): Cluster {
    const natMap = Object.fromEntries(
      [...this.#proxies].map(([port, proxy]) => [
        `127.0.0.1:${port}`,
        { host: '127.0.0.1', port: proxy.port },
      ]),
    )
    const [first] = this.proxies
    return new Cluster([{ host: '127.0.0.1', port: first?.port ?? 0 }], { natMap })
  }

  async close(): Promise<void> {
    await Promise.all(this.proxies.map((proxy) => proxy.close()))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
