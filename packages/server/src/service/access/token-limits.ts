import { createLimiter, HeadgateError, type Limiter, memoryStore, type Rate, type SyncStore } from 'headgate'
import type { TokenSettings } from './token-settings.ts'

interface Limited {
  readonly rate: Rate
  readonly limiter: Limiter<SyncStore>
}

/** Counts the requests of each token, in this process. */
export class TokenLimits {
  readonly #store: SyncStore | undefined
  /** By the name of the token, so that a limit that stays in the next configuration goes on counting. */
  readonly #limited = new Map<string, Limited>()

  /** Counts in a store, which may be one of several threads; absent: in memory of its own. */
  constructor(store?: SyncStore) {
    this.#store = store
  }

  /** Throws where the token has sent as many requests as it may. */
  count({ name, limit }: TokenSettings): void {
    if (limit === undefined) return
    const { allowed, retryAfterMs } = this.#limiter(name, limit).consumeSync(name)
    if (allowed) return
    throw new HeadgateError('limited', `the token "${name}" has sent more requests than it may`, {
      ...(retryAfterMs !== null && { retryAfterMs }),
    })
  }

  #limiter(name: string, rate: Rate): Limiter<SyncStore> {
    const known = this.#limited.get(name)
    if (known !== undefined && JSON.stringify(known.rate) === JSON.stringify(rate)) return known.limiter
    const limiter = createLimiter({ limit: rate, store: this.#store ?? memoryStore({ maxKeys: 1 }) })
    this.#limited.set(name, { rate, limiter })
    return limiter
  }
}
