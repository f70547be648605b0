import type { KeyObject } from 'node:crypto'
import { fetchKeySet, type PublishedKey } from './fetch-key-set.ts'
import { isFit } from './key-fit.ts'

/** What a token says of its key. */
export interface WantedKey {
  readonly kid?: unknown
  /** One of those that are accepted. */
  readonly alg: string
}

/** Keys have not been fetched, or too long ago: nobody can say whether a token is valid. */
export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable'
}

/** No key of the set is that of the token. */
export class UnknownKey extends Error {
  override readonly name = 'UnknownKey'
}

/** Keys are fetched anew after this. */
const FRESH_MS = 5 * 60_000
/** Behind this it is waited for, unless the last try failed: the keys of before are used only where there are no others. */
const AGEING_MS = 2 * FRESH_MS
/** Keys are dropped after this. */
const KEPT_MS = 24 * 3_600_000
/** Between two tries, whatever asks for them. */
const RETRY_MS = 30_000
/** As long as there are no keys at all. */
const FIRST_RETRY_MS = 5000

/** What a set is made with. */
export interface RemoteKeysParts {
  /** Milliseconds, which only go forward. */
  readonly now?: () => number
  readonly fetchKeys?: (url: string) => Promise<readonly PublishedKey[]>
}

/**
 * The public keys of an issuer, fetched from a URL and kept for 5 min. Where they cannot be fetched, those of before count for up to a
 * day. A token with an unknown key has them fetched anew, at most once in 30 s; all who wait share one fetch.
 */
export class RemoteKeys {
  readonly #url: string
  readonly #now: () => number
  readonly #fetchKeys: (url: string) => Promise<readonly PublishedKey[]>
  #keys: readonly PublishedKey[] = []
  #fetchedAtMs = -Infinity
  #triedAtMs = -Infinity
  #fetching: Promise<void> | null = null
  #hasFailed = false

  constructor(
    url: string,
    { now = () => performance.now(), fetchKeys = (from) => fetchKeySet(from) }: RemoteKeysParts = {},
  ) {
    this.#url = url
    this.#now = now
    this.#fetchKeys = fetchKeys
  }

  /** The key of a token; else `KeysUnavailable` or `UnknownKey` is thrown. */
  async keyFor(wanted: WantedKey): Promise<KeyObject> {
    if (this.#age > FRESH_MS) {
      const refreshed = this.#refresh()
      if (this.#age > KEPT_MS || (this.#age > AGEING_MS && !this.#hasFailed)) await refreshed
    }
    if (this.#age > KEPT_MS) throw new KeysUnavailable()
    const known = this.#find(wanted)
    if (known !== null) return known
    await this.#refresh()
    const found = this.#find(wanted)
    if (found === null) throw new UnknownKey()
    return found
  }

  get #age(): number {
    return this.#now() - this.#fetchedAtMs
  }

  /** A token that names none is verified by the only key that fits. */
  #find({ kid, alg }: WantedKey): KeyObject | null {
    const fitting = this.#keys.filter((one) => (one.alg ?? alg) === alg && isFit(one.key, alg))
    if (kid !== undefined) return fitting.find((one) => one.kid === kid)?.key ?? null
    return fitting.length === 1 ? (fitting[0]?.key ?? null) : null
  }

  async #refresh(): Promise<void> {
    if (this.#fetching !== null) return this.#fetching
    const between = this.#fetchedAtMs === -Infinity ? FIRST_RETRY_MS : RETRY_MS
    if (this.#now() - this.#triedAtMs < between) return
    this.#triedAtMs = this.#now()
    this.#fetching = this.#fetch()
    await this.#fetching
  }

  /** Never rejects. */
  async #fetch(): Promise<void> {
    try {
      this.#keys = await this.#fetchKeys(this.#url)
      this.#fetchedAtMs = this.#now()
      this.#hasFailed = false
    } catch (reason) {
      if (!this.#hasFailed) this.#warn(reason)
      this.#hasFailed = true
    } finally {
      this.#fetching = null
    }
  }

  #warn(reason: unknown): void {
    const why = reason instanceof Error ? reason.message : 'unknown error'
    const meanwhile =
      this.#age > KEPT_MS ? 'tokens are not valid until it does' : 'the keys of before count for up to a day'
    const message = `The keys of tokens cannot be fetched from ${this.#url}: ${why}; ${meanwhile}`
    process.emitWarning(message, { type: 'HeadgateWarning', code: 'HEADGATE_TOKEN_KEYS' })
  }
}

/** Configurations that were in force before keep theirs. */
const SETS_MAX = 16
const sets = new Map<string, RemoteKeys>()

/** The set of a URL: one for the thread, so that neither another configuration nor a second reader begins without keys. */
export function remoteKeysOf(url: string): RemoteKeys {
  const known = sets.get(url)
  if (known !== undefined) return known
  const [oldest] = sets.keys()
  if (sets.size >= SETS_MAX && oldest !== undefined) sets.delete(oldest)
  const made = new RemoteKeys(url)
  sets.set(url, made)
  return made
}
