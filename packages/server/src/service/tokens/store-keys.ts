import { randomBytes } from 'node:crypto'
import { HeadgateError } from 'headgate'
import type { SecretStore } from 'headgate/store'
import { withinTime } from '../time-limit.ts'
import { type TokenKey, tokenKey } from './token-key.ts'

const DAY_MS = 86_400_000
/** A new key each month; old ones are known for longer than the longest window that a calendar has. */
const ADD_AFTER_MS = 30 * DAY_MS
const KEEP_MS = 400 * DAY_MS
/** How often the store is asked again, and how often after it failed, or for the sake of a text with an unknown key. */
const REFRESH_MS = 3_600_000
const RETRY_MS = 250
const UNKNOWN_MS = 10_000
/** How long decisions wait for the first key. */
const FIRST_MS = 250

/** Keys that all services on one store share. They are drawn there, so that nobody has to hand them out. */
export class StoreKeys {
  readonly #store: SecretStore
  readonly #scope: string
  readonly #nowMs: () => number
  #keys: readonly TokenKey[] = []
  #askAgainMs = Number.NEGATIVE_INFINITY
  #askedMs = Number.NEGATIVE_INFINITY
  /** Resolves when the first key is there, or has been waited for long enough; null while nothing is asked. */
  #first: Promise<void> | null = null
  #pending: Promise<void> | null = null

  constructor(store: SecretStore, scope: string, nowMs: () => number = () => performance.now()) {
    this.#store = store
    this.#scope = scope
    this.#nowMs = nowMs
    void this.#refresh()
  }

  /** Resolves once a key is known; rejects where the store does not tell one. */
  async prepare(): Promise<void> {
    if (this.#keys.length === 0) await (this.#nowMs() >= this.#askAgainMs ? this.#refresh() : this.#pending)
    if (this.#keys.length === 0) throw unknownYet()
  }

  /** The newest key; undefined while the store was never reached. Waits for its first answer, but not for long. */
  newest(): TokenKey | undefined | Promise<TokenKey | undefined> {
    if (this.#nowMs() >= this.#askAgainMs) void this.#refresh()
    const [newest] = this.#keys
    if (newest !== undefined || this.#first === null) return newest
    return this.#first.then(() => this.#keys[0])
  }

  /** The key of this id; asks the store for one that is new there. */
  async find(id: string): Promise<TokenKey | undefined> {
    const known = this.#keys.find((key) => key.id === id)
    if (known !== undefined) return known
    // Without any key nobody can say whether it is ours.
    if (this.#keys.length === 0) await this.prepare()
    // Anybody can make up an id: that must not be a way to keep the store busy.
    else if (this.#nowMs() - this.#askedMs >= UNKNOWN_MS) await this.#refresh()
    else await this.#pending
    return this.#keys.find((key) => key.id === id)
  }

  /** Never rejects: while the store is away the keys stay as they are. */
  #refresh(): Promise<void> {
    if (this.#pending !== null) return this.#pending
    const pending = this.#ask().finally(() => {
      this.#pending = null
      this.#first = null
    })
    this.#pending = pending
    if (this.#keys.length === 0) this.#first = this.#waitedFor(pending)
    return pending
  }

  async #waitedFor(pending: Promise<void>): Promise<void> {
    await withinTime(pending, FIRST_MS).catch(() => {})
    this.#first = null
  }

  async #ask(): Promise<void> {
    this.#askedMs = this.#nowMs()
    this.#askAgainMs = this.#askedMs + RETRY_MS
    const secret = randomBytes(32).toString('hex')
    try {
      const asked = this.#store.secrets({ secret, addAfterMs: ADD_AFTER_MS, keepMs: KEEP_MS })
      const secrets = await withinTime(asked, UNKNOWN_MS)
      this.#keys = secrets.map((one) => tokenKey(Buffer.from(one, 'hex'), this.#scope))
      this.#askAgainMs = this.#nowMs() + REFRESH_MS
    } catch {
      // Asked again with the next decision, once the delay is over.
    }
  }
}

function unknownYet(): HeadgateError {
  return new HeadgateError('store-unavailable', 'The store has not told the key of receipts yet')
}
