/** What a redis-server of a test consists of besides its process: files, disk, clock, users, arguments. */
import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Certificate } from './certificates.ts'
import { makeTemporaryDirectory, removeTemporaryDirectory } from './reaper.ts'
import type { Endpoint, Login } from './redis-connection.ts'
import type { Launch } from './redis-process.ts'
import { SkewedClock } from './skewed-clock.ts'
import { SmallDisk } from './small-disk.ts'

export interface RedisServerOptions {
  /** More arguments of redis-server, such as `--maxmemory 1mb`. */
  readonly args?: readonly string[]
  /** More environment variables, such as `LD_PRELOAD`. */
  readonly env?: Readonly<Record<string, string>>
  /** Speaks TLS on its port, and nothing else; see `certificates()`. */
  readonly tls?: Certificate
  /** The only user that clients can be. All commands and keys are his, until an `ACL SETUSER` takes some away. */
  readonly user?: Login
  /** Listens on `socketPath` too. @default false */
  readonly unixSocket?: boolean
  /** Writes what it is told into an append-only file in this folder, and reads it when it starts. */
  readonly appendOnlyIn?: string
  /** Has an append-only file on a small tmpfs, for `fillDisk`; see `skipWithoutTmpfs`. @default false */
  readonly smallDisk?: boolean
  /** Has a clock that `skewClock` can move. @default false */
  readonly skewableClock?: boolean
}

/** Lives as long as its RedisServer, over all restarts. */
export class RedisSetup {
  readonly socketPath: string
  readonly disk: SmallDisk | null
  readonly clock: SkewedClock | null
  user: Login | null
  #disposed = false
  readonly #options: RedisServerOptions
  readonly #directory: string = makeTemporaryDirectory('redis-server')
  // The harness is a user of its own, so that it still gets in when the user of the test does not.
  readonly #harness: Login = { name: 'harness', password: randomBytes(16).toString('hex') }

  constructor(options: RedisServerOptions) {
    this.#options = options
    this.user = options.user ?? null
    this.socketPath = join(this.#directory, 'redis.sock')
    try {
      this.disk = options.smallDisk ? new SmallDisk() : null
      this.clock = options.skewableClock ? new SkewedClock(this.#directory) : null
    } catch (error) {
      removeTemporaryDirectory(this.#directory)
      throw error
    }
  }

  get appendOnly(): boolean {
    return this.disk !== null || this.#options.appendOnlyIn !== undefined
  }

  launch(port: number, more: readonly string[] = []): Launch {
    const { args = [], env } = this.#options
    const network = ['--bind', '127.0.0.1', '--protected-mode', 'no', ...this.#listening(port)]
    const storage = [
      '--save',
      '',
      '--appendonly',
      this.appendOnly ? 'yes' : 'no',
      '--dir',
      this.#dataDirectory,
    ]
    return {
      args: [...network, ...storage, ...this.#users(), '--daemonize', 'no', ...args, ...more],
      endpoint: this.endpoint(port),
      logFile: join(this.#directory, 'redis.log'),
      env: { ...this.clock?.env, ...env },
    }
  }

  endpoint(port: number): Endpoint {
    const tls = this.#options.tls !== undefined
    return { port, tls, ...(this.user === null ? {} : { login: this.#harness }) }
  }

  url(port: number): string {
    const scheme = this.#options.tls === undefined ? 'redis' : 'rediss'
    const login = this.user === null ? '' : `${this.user.name}:${this.user.password}@`
    return `${scheme}://${login}127.0.0.1:${port}`
  }

  removeSnapshot(): void {
    rmSync(join(this.#dataDirectory, 'dump.rdb'), { force: true })
  }

  dispose(): void {
    if (this.#disposed) return
    this.#disposed = true
    this.clock?.close()
    this.disk?.unmount()
    removeTemporaryDirectory(this.#directory)
  }

  get #dataDirectory(): string {
    return this.disk?.path ?? this.#options.appendOnlyIn ?? this.#directory
  }

  #listening(port: number): string[] {
    const { tls, unixSocket } = this.#options
    const socket = unixSocket ? ['--unixsocket', this.socketPath] : []
    if (tls === undefined) return ['--port', String(port), ...socket]
    const files = ['--tls-cert-file', tls.cert, '--tls-key-file', tls.key, '--tls-ca-cert-file', tls.cert]
    return ['--port', '0', '--tls-port', String(port), '--tls-auth-clients', 'no', ...files, ...socket]
  }

  #users(): string[] {
    if (this.user === null) return []
    const everything = ['~*', '&*', '+@all']
    const grant = ({ name, password }: Login) => ['--user', name, 'on', `>${password}`, ...everything]
    const anonymous = this.user.name === 'default' ? [] : ['--user', 'default', 'off']
    return [...grant(this.#harness), ...grant(this.user), ...anonymous]
  }
}
