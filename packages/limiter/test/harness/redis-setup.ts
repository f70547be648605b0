/** What a redis-server of a test consists of besides its process: files, disk, clock, users, arguments. */
import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Further, permissionsOf } from '../documented-user.ts'
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
  /**
   * Who does not log in may do what docs/operations/redis.md says and nothing else, and what he is refused fails `stop`:
   * so every suite shows that these permissions suffice. `all` is for what is no store of ours, with a reason beside it.
   *
   * @default those of the page, by URLs and by clients of users
   */
  readonly permissions?: 'all' | readonly Further[]
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

/** What servers permit where nothing else is said. */
export const BY_CLIENTS: readonly Further[] = ['clients of yours,']
/** How the harness itself gets into every server, and servers into each other: whatever tests do to users of theirs. */
export const harnessLogin: Login = { name: 'harness', password: randomBytes(16).toString('hex') }

/** Lives as long as its RedisServer, over all restarts. */
export class RedisSetup {
  readonly socketPath: string
  readonly disk: SmallDisk | null
  readonly clock: SkewedClock | null
  user: Login | null
  #disposed = false
  readonly #options: RedisServerOptions
  readonly #directory: string = makeTemporaryDirectory('redis-server')

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

  /** Whether all that servers refuse to who does not log in is a mistake. */
  get isDocumented(): boolean {
    return this.user === null && !this.#isOpen
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
    // Nobody needs a login where all may do everything, and a server there may lack AUTH.
    return { port, tls, ...(this.#isOpen ? {} : { login: harnessLogin }) }
  }

  url(port: number, user: Login | null = this.user): string {
    const scheme = this.#options.tls === undefined ? 'redis' : 'rediss'
    const login = user === null ? '' : `${user.name}:${user.password}@`
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

  get #isOpen(): boolean {
    return this.user === null && this.#options.permissions === 'all'
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
    const { name, password } = harnessLogin
    const replication = ['--masteruser', name, '--masterauth', password]
    return [...replication, ...grant(harnessLogin, EVERYTHING), ...this.#ofTests()]
  }

  #ofTests(): string[] {
    const { permissions = BY_CLIENTS } = this.#options
    if (this.user !== null) {
      const anonymous = this.user.name === 'default' ? [] : ['--user', 'default', 'off']
      return [...grant(this.user, EVERYTHING), ...anonymous]
    }
    const rules = permissions === 'all' ? EVERYTHING : permissionsOf(permissions)
    return ['--user', 'default', 'on', 'nopass', ...rules]
  }
}

const EVERYTHING = ['~*', '&*', '+@all']

function grant({ name, password }: Login, rules: readonly string[]): string[] {
  return ['--user', name, 'on', `>${password}`, ...rules]
}
