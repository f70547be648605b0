import type { ConnectionOptions } from 'node:tls'

/** Where a server listens. */
export interface RedisAddress {
  readonly host: string
  /** @default 6379, and 26379 of a Sentinel */
  readonly port?: number
}

/**
 * How the store connects to Redis by itself. Give one of `url`, `host`, `path`, `sentinels` and `nodes`; the other
 * fields add to a URL or override its parts.
 */
export interface RedisConnectionOptions {
  /** `redis://user:password@host:6379/0`, also `rediss`, `redis+cluster`, `redis+sentinel` and `redis+unix`. */
  readonly url?: string
  readonly host?: string
  /** @default 6379 */
  readonly port?: number
  /** Path of a Unix socket. */
  readonly path?: string
  /** Some Sentinels of the primary called `name`; they report the others. */
  readonly sentinels?: readonly RedisAddress[]
  readonly name?: string
  /** Some nodes of a Cluster; they report the others. */
  readonly nodes?: readonly RedisAddress[]
  /** An ACL user. */
  readonly username?: string
  /**
   * A function, for rotating passwords, is called before the first connection, and again after its password was
   * refused.
   */
  readonly password?: string | (() => string | Promise<string>)
  /** Credentials of the Sentinels themselves, which differ from those of the primary. */
  readonly sentinelUsername?: string
  readonly sentinelPassword?: string
  /** @default 0 */
  readonly db?: number
  /** Options of `node:tls`, such as `ca`. If given, even empty, connections use TLS. */
  readonly tls?: ConnectionOptions
  /**
   * Number of connections (in a Cluster to each node). Calls are distributed by their first key.
   * @default 1
   */
  readonly connections?: number
}
