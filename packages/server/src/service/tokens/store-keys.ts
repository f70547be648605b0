import { randomBytes } from 'node:crypto'
import type { SecretStore } from 'headgate/store'
import { withinTime } from '../time-limit.ts'
import { type TokenKey, tokenKey } from './token-key.ts'

const DAY_MS = 86_400_000
/** A new key each month; old ones are known for longer than the longest window that a calendar has. */
const ADD_AFTER_MS = 30 * DAY_MS
const KEEP_MS = 400 * DAY_MS
/** How often the store is asked again, and how often after it failed, or for the sake of a text with an unknown key. */
const REFRESH_MS = 3_600_000
const RETRY_MS = 1000
const UNKNOWN_MS = 10_000
/** How long the first decisions wait for the key. */
const FIRST_MS = 250

/** Keys that all services on one store share. They are drawn there, so that nobody has to hand them out. */
export class StoreKeys {
  readonly #store: SecretStore
  readonly #scope: string
  readonly #nowMs: () => number
  #keys: readonly TokenKey[] = []
  #askAgainMs = Number.NEGATIVE_INFINITY
  #askedMs = Number.NEGATIVE_INFINITY
  #first: Promise<unknown> | null = null
  #pending: Promise<void> | null = null

  constructor(store: SecretStore, scope: string, nowMs: () => number = () => performance.now()) {
    this.#store = store
    this.#scope = scope
    this.#nowMs = nowMs
    this.#first = withinTime(this.#refresh(), FIRST_MS)
      .catch(() => {})
      .finally(() => {
        this.#first = null
      })
  }

  /** The newest key; undefined while the store has not answered yet. Waits for its first answer, but not for long. */
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
    // Anybody can make up an id: that must not be a way to keep the store busy.
    if (this.#nowMs() - this.#askedMs < UNKNOWN_MS) await this.#pending
    else await this.#refresh()
    return this.#keys.find((key) => key.id === id)
  }

  /** Never rejects: while the store is away the keys stay as they are. */
  #refresh(): Promise<void> {
    this.#pending ??= this.#ask().finally(() => {
      this.#pending = null
    })
    return this.#pending
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
