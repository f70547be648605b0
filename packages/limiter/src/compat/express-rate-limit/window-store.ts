import type { Decision } from '../../core/decision.ts'
import { HeadgateError } from '../../core/errors.ts'
import type { CallOptions, Limiter } from '../../core/limiter.ts'
import { isClearable, type Store } from '../../core/store.ts'
import { createLimiter } from '../../create-limiter.ts'
import { memoryStore } from '../../stores/memory/index.ts'
import { COUNTED, DEADLINE_MS } from '../counting.ts'
import type { ClientRateLimitInfo, HitStore, WindowOptions } from './hit-store.ts'

/** One request that was counted, or denied. */
export interface Hit {
  /** Requests in this window with this one; it is denied where that is above the limit. */
  readonly used: number
  readonly resetTime: Date | undefined
  /** Takes the request out of the count. */
  undo(): Promise<void>
}

const UNIT = 1

/** Counts in a store of ours: fixed windows from the first request of a key on. */
export class WindowStore implements HitStore {
  readonly #store: Store
  #windowMs = 0
  #limit = COUNTED
  #limiter: Limiter | null = null

  constructor(store: Store) {
    this.#store = store
  }

  init({ windowMs, limit }: WindowOptions & { readonly limit?: unknown }): void {
    this.#windowMs = windowMs
    this.#limit = typeof limit === 'number' ? limit : COUNTED
    const rate = this.#limitTo(this.#limit)
    this.#limiter = createLimiter<Store>({
      store: this.#store,
      policies: [{ name: 'requests', rules: [{ name: 'window', algorithm: 'fixed-window', limit: rate }] }],
      onStoreError: 'closed',
      // This process never decides by a share of the limits, so nobody has to know how many there are.
      replicas: 1,
      deadlineMs: DEADLINE_MS,
    })
  }

  /** Counts a request where it is within `limit`. */
  async hit(key: string, limit: number): Promise<Hit> {
    const limiter = this.#running()
    const rate = this.#limitTo(limit)
    // A limit of a call's own takes longer.
    const options = limit === this.#limit ? undefined : { limit: rate }
    const decision = answered(await limiter.consume(key, options))
    const { receipt } = decision
    return {
      used: decision.allowed ? usedOf(decision) : rate.limit + 1,
      // Where the limit is 0 there is no window that could end.
      resetTime: inMs(decision.resetAfterMs || this.#windowMs),
      async undo() {
        if (receipt !== null) await limiter.refund(receipt)
      },
    }
  }

  /** Counts a request of a key, whatever its limit. */
  async increment(key: string): Promise<ClientRateLimitInfo> {
    return infoOf(answered(await this.#running().charge(key, UNIT, this.#counted)))
  }

  async decrement(key: string): Promise<void> {
    answered(await this.#running().credit(key, UNIT, this.#counted))
  }

  async get(key: string): Promise<ClientRateLimitInfo | undefined> {
    const decision = answered(await this.#running().peek(key, { ...this.#counted, cost: 0 }))
    return usedOf(decision) === 0 ? undefined : infoOf(decision)
  }

  async resetKey(key: string): Promise<void> {
    await this.#running().reset(key)
  }

  get #counted(): CallOptions {
    return { limit: this.#limitTo(COUNTED) }
  }

  #limitTo(limit: number): { limit: number; window: number } {
    return { limit: Math.min(Math.floor(limit), COUNTED), window: this.#windowMs }
  }

  #running(): Limiter {
    if (this.#limiter !== null) return this.#limiter
    throw new HeadgateError('invalid-options', 'the store has no window yet; pass it to rateLimit first')
  }
}

/**
 * Counts in this process, as `rateLimit` does without a `store`.
 *
 * ```ts
 * const store = new MemoryStore()
 * app.use(rateLimit({ windowMs: 60_000, limit: 100, store }))
 * ```
 */
export class MemoryStore extends WindowStore {
  readonly localKeys = true
  readonly #memory: Store

  constructor() {
    const memory = memoryStore()
    super(memory)
    this.#memory = memory
  }

  /** Has all keys begin anew. */
  async resetAll(): Promise<void> {
    if (isClearable(this.#memory)) await this.#memory.clear()
  }

  /** Forgets all keys. */
  shutdown(): void {
    void this.resetAll()
  }
}

function infoOf(decision: Decision): ClientRateLimitInfo {
  return { totalHits: usedOf(decision), resetTime: inMs(decision.resetAfterMs ?? 0) }
}

function usedOf({ limit, remaining }: Decision): number {
  return (limit ?? 0) - (remaining ?? 0)
}

function inMs(ms: number): Date {
  return new Date(Date.now() + ms)
}

function answered(decision: Decision): Decision {
  if (decision.source !== 'closed') return decision
  const fix = 'give rateLimit passOnStoreError: true, or handle the error'
  throw new HeadgateError('store-unavailable', `the store did not answer; ${fix}`)
}
