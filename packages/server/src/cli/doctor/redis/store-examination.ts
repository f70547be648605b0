import type { RedisCommands } from 'headgate/redis'
import type { Finding } from './finding.ts'
import type { ServerInfo } from './server-info.ts'

/** A store of the configuration, and what is known of its use. */
export interface ExaminedStore {
  readonly name: string
  readonly url: string
  readonly prefix: string
  /** How long the service waits for its answers. */
  readonly deadlineMs: number
  /** The longest window of a rule whose budgets it has. */
  readonly longestWindowMs: number
  /** How many instances are to share a limit while it fails. */
  readonly replicas: number | 'auto'
}

/** A server of a store, connected and logged in as the store is. */
export interface ExaminedServer {
  readonly store: ExaminedStore
  /** As in `main 127.0.0.1:6379`. */
  readonly about: string
  readonly commands: RedisCommands
  /** Null where it may not be asked. */
  readonly info: ServerInfo | null
  /** First part of keys that lie on this server and are nobody's budget. */
  readonly ownKey: string
}

/** Takes findings one by one, so that those are not lost that come before a server stops answering. */
export type Report = (...findings: readonly Finding[]) => void
