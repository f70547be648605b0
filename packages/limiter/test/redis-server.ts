/** A real redis-server of this machine, for tests: own port, own folder, and the faults that it can be put through. */
import type { ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { refusals } from './documented-user.ts'
import { BusyScript } from './harness/busy-script.ts'
import { callOnce, type Endpoint, type Login, RedisConnection } from './harness/redis-connection.ts'
import { fillDisk, fillMemory, freeDisk, isRefused, saveForSlowLoading } from './harness/redis-faults.ts'
import { launchAgain, launchOnFreePort } from './harness/redis-process.ts'
import { harnessLogin, type RedisServerOptions, RedisSetup } from './harness/redis-setup.ts'
import type { Reply } from './harness/resp.ts'
import type { SkewedClock } from './harness/skewed-clock.ts'
import type { SmallDisk } from './harness/small-disk.ts'
import { until } from './harness/until.ts'

const LOADING_MS = 60_000

/** Start it with `await using server = await RedisServer.start()`, or call `stop` in `afterAll`. */
export class RedisServer implements AsyncDisposable {
  readonly port: number
  readonly #setup: RedisSetup
  #child: ChildProcess
  #frozen = false
  #busy: BusyScript | null = null
  #restoreMemory: (() => Promise<void>) | null = null

  private constructor(port: number, setup: RedisSetup, child: ChildProcess) {
    this.port = port
    this.#setup = setup
    this.#child = child
  }

  static async start(options: RedisServerOptions = {}): Promise<RedisServer> {
    const setup = new RedisSetup(options)
    try {
      const { port, child } = await launchOnFreePort((chosen) => setup.launch(chosen))
      const server = new RedisServer(port, setup, child)
      await server.loaded()
      return server
    } catch (error) {
      setup.dispose()
      throw error
    }
  }

  get pid(): number {
    return this.#child.pid ?? -1
  }

  /** With the user and his password of now, where there is one. Without, he may do what docs/operations/redis.md says. */
  get url(): string {
    return this.#setup.url(this.port)
  }

  /** For what a test itself wants of the server: whoever takes it may do everything. */
  get adminUrl(): string {
    return this.#setup.url(this.port, harnessLogin)
  }

  /** Where it listens besides its port, given `unixSocket`. */
  get socketPath(): string {
    return this.#setup.socketPath
  }

  /** How the harness itself gets in. */
  get endpoint(): Endpoint {
    return this.#setup.endpoint(this.port)
  }

  get state(): 'running' | 'frozen' | 'dead' {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return 'dead'
    return this.#frozen ? 'frozen' : 'running'
  }

  /** Sends one command on a connection of its own; an error reply rejects with a `ReplyError`. */
  command(...args: readonly (string | number)[]): Promise<Reply> {
    return callOnce(this.endpoint, args)
  }

  /** A connection for many commands, or for one that the server remembers; close it. */
  connect(): Promise<RedisConnection> {
    return RedisConnection.open(this.endpoint)
  }

  /** One field of INFO, such as `role`; the empty text when there is none. */
  async info(field: string): Promise<string> {
    const lines = String(await this.command('INFO')).split('\r\n')
    return lines.find((line) => line.startsWith(`${field}:`))?.slice(field.length + 1) ?? ''
  }

  /** Stops the process where it stands: connections stay open and nothing answers. */
  freeze(): void {
    this.#child.kill('SIGSTOP')
    this.#frozen = true
  }

  resume(): void {
    this.#child.kill('SIGCONT')
    this.#frozen = false
  }

  /** Kills the process; the port refuses connections until `restart`. */
  async crash(): Promise<void> {
    this.#busy?.close()
    this.#busy = null
    this.#restoreMemory = null
    if (this.state === 'dead') return
    const gone = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await gone
  }

  /** Starts again on the same port: no scripts, and no keys unless there is an append-only file. */
  async restart(): Promise<void> {
    await this.crash()
    this.#setup.removeSnapshot()
    await this.#launch()
    await this.loaded()
  }

  /** Starts again with its keys, and answers LOADING for about `loadingMs`; `loaded` waits for the end of that. */
  async restartLoading({ loadingMs = 1500 }: { readonly loadingMs?: number } = {}): Promise<void> {
    if (this.#setup.appendOnly) throw new Error('restartLoading needs a server without an append-only file')
    const slowly = await saveForSlowLoading((...args) => this.command(...args), loadingMs)
    await this.crash()
    await this.#launch(slowly)
    await until('redis-server answers LOADING', () => isRefused(this.command('DBSIZE'), 'LOADING'))
  }

  /** Resolves once all keys are read. */
  async loaded(): Promise<void> {
    const hasLoaded = async (): Promise<boolean> => (await this.info('loading')) !== '1'
    await until('redis-server has read its keys', hasLoaded, { withinMs: LOADING_MS })
  }

  async flushScripts(): Promise<void> {
    await this.command('SCRIPT', 'FLUSH')
  }

  /** Writes are answered by OOM; nothing is evicted. */
  async fillMemory(): Promise<void> {
    this.#restoreMemory ??= await fillMemory((...args) => this.command(...args))
  }

  async freeMemory(): Promise<void> {
    await this.#restoreMemory?.()
    this.#restoreMemory = null
  }

  /** Writes are answered by MISCONF; needs `smallDisk`. */
  fillDisk(): Promise<void> {
    return fillDisk((...args) => this.command(...args), this.#disk)
  }

  freeDisk(): Promise<void> {
    return freeDisk((...args) => this.command(...args), this.#disk)
  }

  /** Sets how far its wall clock is ahead of this machine's; needs `skewableClock`. */
  skewClock(ms: number): void {
    this.#clock.skew(ms)
  }

  /** Runs a script without end, so that others are answered by BUSY. */
  async busyScript(): Promise<void> {
    this.#busy ??= await BusyScript.start(this.endpoint, (...args) => this.command(...args))
  }

  /** SCRIPT KILL. */
  async killScript(): Promise<void> {
    await this.#busy?.kill((...args) => this.command(...args))
    this.#busy = null
  }

  /** Lets commands wait for so long, or those which write; those of the harness wait as well. */
  async pauseClients(ms: number, commands: 'ALL' | 'WRITE' = 'ALL'): Promise<void> {
    await this.command('CLIENT', 'PAUSE', ms, commands)
  }

  /** Closes all connections of clients; returns how many. */
  async killClients(): Promise<number> {
    return Number(await this.command('CLIENT', 'KILL', 'TYPE', 'normal'))
  }

  /** Gives `user` another password and returns it. As in Redis, who is logged in stays so: see `killClients`. */
  async rotatePassword(password: string = randomBytes(16).toString('hex')): Promise<string> {
    const { name } = this.#user
    await this.command('ACL', 'SETUSER', name, 'resetpass', `>${password}`)
    this.#setup.user = { name, password }
    return password
  }

  /** Makes it a replica, of nobody unless a port is given: writes are answered by READONLY. */
  async demote(masterPort?: number): Promise<void> {
    // Port 1 refuses; a replica without its master goes on answering reads.
    await this.command('REPLICAOF', '127.0.0.1', masterPort ?? 1)
  }

  async promote(): Promise<void> {
    await this.command('REPLICAOF', 'NO', 'ONE')
  }

  /** Rejects where it refused something to users of the documented permissions. */
  async stop(): Promise<void> {
    const refused = await this.#refusals()
    await this.crash()
    this.#setup.dispose()
    if (refused.length === 0) return
    throw new Error(`Redis refused what docs/operations/redis.md does not permit:\n${refused.join('\n')}`)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  /** A server that does not answer any more has nothing to tell. */
  async #refusals(): Promise<string[]> {
    if (!this.#setup.isDocumented || this.state !== 'running') return []
    return refusals(this).catch(() => [])
  }

  async #launch(more: readonly string[] = []): Promise<void> {
    this.#child = await launchAgain(this.#setup.launch(this.port, more))
    this.#frozen = false
  }

  get #disk(): SmallDisk {
    return this.#setup.disk ?? missing('smallDisk: true')
  }

  get #clock(): SkewedClock {
    return this.#setup.clock ?? missing('skewableClock: true')
  }

  get #user(): Login {
    return this.#setup.user ?? missing('user')
  }
}

function missing(option: string): never {
  throw new Error(`Start this server with ${option}`)
}
