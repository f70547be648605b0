import type { ConnectionOptions } from 'node:tls'

/** Where a server listens. */
export interface RedisAddress {
  readonly host: string
  /** @default 6379, and 26379 of a Sentinel */
  readonly port?: number
}

/**
 * How the store reaches Redis with clients of its own. One of `url`, `host`, `path`, `sentinels` and `nodes` says
 * where; the other fields add to a URL, or replace what it says.
 */
export interface RedisConnectionOptions {
  /** `redis://user:password@host:6379/0`, also `rediss`, `redis+cluster`, `redis+sentinel` and `redis+unix`. */
  readonly url?: string
  readonly host?: string
  /** @default 6379 */
  readonly port?: number
  /** A Unix socket. */
  readonly path?: string
  /** Some Sentinels that know the primary called `name`; the others are found by them. */
  readonly sentinels?: readonly RedisAddress[]
  readonly name?: string
  /** Some nodes of a Cluster; the others are found by them. */
  readonly nodes?: readonly RedisAddress[]
  /** A user of the access control list. */
  readonly username?: string
  /** A function is asked before the first connection, and again when its answer is refused: for rotation. */
  readonly password?: string | (() => string | Promise<string>)
  /** For the Sentinels themselves, which have users and passwords of their own. */
  readonly sentinelUsername?: string
  readonly sentinelPassword?: string
  /** @default 0 */
  readonly db?: number
  /** Options of `node:tls`, such as `ca`. Given, even empty, the connection is encrypted. */
  readonly tls?: ConnectionOptions
  /**
   * Clients that calls are dealt to. Calls whose first key is the same use the same one.
   * @default 1
   */
  readonly connections?: number
}
