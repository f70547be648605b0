/** A master, its replicas and the Sentinels that watch them, as processes of this machine. */
import { RedisServer } from '../redis-server.ts'
import { BY_CLIENTS, type RedisServerOptions } from './redis-setup.ts'
import { follows, type Handover } from './replication.ts'
import { SentinelProcess } from './sentinel-process.ts'
import { Started } from './started.ts'
import { until } from './until.ts'

export interface RedisSentinelOptions {
  /** @default 2 */
  readonly replicas?: number
  /** @default 3 */
  readonly sentinels?: number
  /** How long a master may be silent. @default 600 */
  readonly downAfterMs?: number
  /** More arguments of each redis-server. */
  readonly args?: readonly string[]
  readonly permissions?: NonNullable<RedisServerOptions['permissions']>
}

/** `command` asks a Sentinel for it: both are well, and nothing is lost. */
export type SentinelFailover = 'kill' | 'freeze' | 'command'

const QUORUM = 2
const FAILOVER_MS = 6000
const WITHIN = { withinMs: 30_000 }

/** Start it with `await using redis = await RedisSentinel.start()`. */
export class RedisSentinel implements AsyncDisposable {
  readonly masterName = 'headgate'
  /** The first was the master at the start. */
  readonly servers: readonly RedisServer[]
  readonly #sentinels: readonly SentinelProcess[]

  private constructor(servers: readonly RedisServer[], sentinels: readonly SentinelProcess[]) {
    this.servers = servers
    this.#sentinels = sentinels
  }

  static async start(options: RedisSentinelOptions = {}): Promise<RedisSentinel> {
    const { replicas = 2, sentinels = 3, downAfterMs = 600, args = [] } = options
    await using started = new Started()
    const { permissions = BY_CLIENTS } = options
    const own = ['--repl-diskless-sync-delay', '0', ...args]
    const start = async (more: readonly string[]): Promise<RedisServer> =>
      started.use(await RedisServer.start({ args: [...own, ...more], permissions }))
    const master = await start([])
    const replicaOf = ['--replicaof', '127.0.0.1', String(master.port)]
    const others = await Promise.all(Array.from({ length: replicas }, () => start(replicaOf)))
    await Promise.all(others.map((replica) => follows(replica, master)))
    const watch = { masterName: 'headgate', masterPort: master.port, quorum: QUORUM, downAfterMs }
    const watchers = await Promise.all(
      Array.from({ length: sentinels }, async () => {
        const sentinel = await SentinelProcess.start(watch)
        started.defer(() => sentinel.stop())
        return sentinel
      }),
    )
    const group = new RedisSentinel([master, ...others], watchers)
    await group.#agreed(master)
    started.move()
    return group
  }

  /** Where the Sentinels listen, as clients want to know it. */
  get sentinels(): readonly { readonly host: string; readonly port: number }[] {
    return this.#sentinels.map(({ port }) => ({ host: '127.0.0.1', port }))
  }

  /** Who is the master, by the word of the first Sentinel. */
  async master(): Promise<RedisServer> {
    const port = await masterPort(this.#first, this.masterName)
    const found = this.servers.find((server) => server.port === port)
    if (found === undefined)
      throw new Error(`The Sentinels name a master on port ${port}, which is none of ours`)
    return found
  }

  /** Takes the master out, and resolves when all Sentinels name another and the remaining replicas follow that one. */
  async failover(how: SentinelFailover): Promise<Handover> {
    const from = await this.master()
    const to = await until(
      `a master other than the one on port ${from.port}`,
      () => this.#handOver(from, how),
      WITHIN,
    )
    await this.#agreed(to)
    return { from, to }
  }

  /** Resumes or restarts whoever is frozen or dead, and resolves when they are replicas with all that the master has. */
  async bringBack(): Promise<void> {
    const master = await this.master()
    for (const server of this.servers) {
      if (server.state === 'frozen') server.resume()
      else if (server.state === 'dead') await server.restart()
    }
    await this.#agreed(master)
  }

  /** Makes the master a replica, so that writes are answered by READONLY until the Sentinels have put things right. */
  async demote(): Promise<RedisServer> {
    const master = await this.master()
    await master.demote()
    return master
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#sentinels, ...this.servers].map((process) => process.stop()))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  get #first(): SentinelProcess {
    const [first] = this.#sentinels
    if (first === undefined) throw new Error('Start at least one Sentinel')
    return first
  }

  /** One attempt: a failover that was asked for is given up when no replica is good enough at that moment. */
  async #handOver(from: RedisServer, how: SentinelFailover): Promise<RedisServer> {
    const done = await this.#another(from)
    if (done !== null) return done
    if (how === 'kill') await from.crash()
    else if (how === 'freeze') from.freeze()
    else await this.#first.command('SENTINEL', 'FAILOVER', this.masterName)
    return await until('the failover', () => this.#another(from), { withinMs: FAILOVER_MS })
  }

  async #another(than: RedisServer): Promise<RedisServer | null> {
    const master = await this.master()
    return master !== than && (await master.info('role')) === 'master' ? master : null
  }

  async #agreed(master: RedisServer): Promise<void> {
    const running = this.servers.filter((server) => server.state === 'running' && server !== master)
    await Promise.all(running.map((replica) => follows(replica, master)))
    const knows = async (sentinel: SentinelProcess): Promise<boolean> => {
      const view = await sentinel.master(this.masterName)
      const others = Number(view.get('num-other-sentinels'))
      const replicas = Number(view.get('num-slaves'))
      if (others < this.#sentinels.length - 1 || replicas < this.servers.length - 1) return false
      return Number(view.get('port')) === master.port && view.get('flags') === 'master'
    }
    const all = this.#sentinels.map((sentinel) =>
      until(`the Sentinel on port ${sentinel.port} knows the group`, () => knows(sentinel), WITHIN),
    )
    await Promise.all(all)
  }
}

async function masterPort(sentinel: SentinelProcess, name: string): Promise<number> {
  const address = (await sentinel.command('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name)) as readonly string[]
  return Number(address[1])
}
