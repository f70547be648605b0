/** A fault as data: what is done to a store, and what Headgate then does. */
import type { RedisClient, RedisConnectionOptions } from '../../src/entries/redis.ts'

/** What the store still answers while the fault lasts: nothing, what was asked at some moments, most keys, or all. */
export type Answers = 'nothing' | 'some' | 'most keys' | 'all'

/**
 * What a store does not know any more afterwards: nothing is forgotten, all of it, or what had not been copied to
 * another server or file.
 */
export type Forgets = 'nothing' | 'all' | 'uncopied'

/** How a store reaches its servers. */
export type Connection = RedisClient | string | RedisConnectionOptions

/** What every row of the page has. */
export interface Row {
  readonly name: string
  /** One sentence for the page. */
  readonly expected: string
}

export interface Fault extends Row {
  readonly answers: Answers
  readonly forgets: Forgets
  /** What `lastError` says while it lasts, where that is of use to whoever has to mend it. */
  readonly says: RegExp | null
  /** How long it lasts after `strike`, where it does not last as long as `heal` says. */
  readonly lastsMs: number
  /** Whether it strikes before the limiters are made. */
  readonly fromStart: boolean
  /** Starts the servers. */
  open(): Promise<Scene>
}

/** What clients were told they may by the store, and what that has charged; with what must not be, one sentence each. */
export interface Accounts {
  readonly admitted: number
  readonly charged: number
  readonly problems: readonly string[]
}

/** Servers that are well, until `strike`. Stopped by disposal. */
export interface Scene extends AsyncDisposable {
  readonly connection: Connection
  /** Resolves when the fault is in force. */
  strike(): unknown
  /** Resolves when the store is back. */
  heal(): unknown
  /** What comes when the store has been back for a while, such as an old primary that returns. */
  aftermath(): unknown
  /** Of others than the callers of the test; null where there are none. */
  accounts(): Promise<Accounts | null>
}

/** Servers of a kind, with a way to reach them. */
export interface Site extends AsyncDisposable {
  readonly connection: Connection
}

type Step<S> = (site: S) => unknown

/** A fault as it is written down. */
export interface FaultOptions<S extends Site> extends Row {
  /** @default 'nothing' */
  readonly answers?: Answers
  /** @default 'nothing' */
  readonly forgets?: Forgets
  /** @default null */
  readonly says?: RegExp
  /** @default 1000 */
  readonly lastsMs?: number
  /** @default false */
  readonly fromStart?: boolean
  readonly site: () => Promise<S>
  readonly strike: Step<S>
  /** Without it the fault is over by itself. */
  readonly heal?: Step<S>
  readonly aftermath?: Step<S>
  readonly accounts?: (site: S) => Promise<Accounts>
}

const LASTS_MS = 1000

export function defineFault<S extends Site>(options: FaultOptions<S>): Fault {
  const { name, expected, site: open, strike, heal, aftermath, accounts } = options
  const { answers = 'nothing', forgets = 'nothing', says = null } = options
  const { lastsMs = LASTS_MS, fromStart = false } = options
  return {
    name,
    expected,
    answers,
    forgets,
    says,
    lastsMs,
    fromStart,
    async open() {
      const site = await open()
      return {
        connection: site.connection,
        strike: () => strike(site),
        heal: () => heal?.(site),
        aftermath: () => aftermath?.(site),
        accounts: async () => accounts?.(site) ?? null,
        [Symbol.asyncDispose]: () => site[Symbol.asyncDispose](),
      }
    },
  }
}
