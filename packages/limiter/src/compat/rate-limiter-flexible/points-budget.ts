import type { Decision } from '../../core/decision.ts'
import { HeadgateError } from '../../core/errors.ts'
import type { CallOptions, Limiter } from '../../core/limiter.ts'
import type { PolicyOptions } from '../../core/policy-options.ts'
import { isSync, type Store, type SyncStore } from '../../core/store.ts'
import { createLimiter } from '../../create-limiter.ts'
import { COUNTED } from '../counting.ts'

/** The numbers of a limiter, which may change while it runs. */
export interface PointsTerms {
  readonly keyPrefix: string
  readonly points: number
  readonly windowMs: number
  /** How long the first rejected call of a key blocks it; 0: not at all. */
  readonly blockMs: number
}

/** Where the points are, and how long that may take to answer. */
export interface PointsHome {
  readonly store: Store
  readonly deadlineMs?: number | undefined
}

/** The points of all keys: one fixed window a key, from its first call on. A store that does not answer is an error. */
export class PointsBudget {
  readonly #limiter: Limiter<SyncStore>
  readonly #isSync: boolean
  #counted: CallOptions

  constructor(terms: PointsTerms, { store, deadlineMs }: PointsHome) {
    this.#counted = countedIn(terms)
    this.#isSync = isSync(store)
    this.#limiter = createLimiter({
      // `consumeSync` is called only where it is one.
      store: store as SyncStore,
      policies: [policyOf(terms)],
      onStoreError: 'closed',
      // This process never decides by a share of the limits, so nobody has to know how many there are.
      replicas: 1,
      ...(deadlineMs !== undefined && { deadlineMs }),
    })
  }

  change(terms: PointsTerms): void {
    this.#limiter.policies.set(policyOf(terms))
    this.#counted = countedIn(terms)
  }

  /** A decision at once where the store is in this process: a promise would cost as much as the decision. */
  consume(key: string, cost: number): Decision | Promise<Decision> {
    const options = cost === 1 ? undefined : { cost }
    if (this.#isSync) return this.#limiter.consumeSync(key, options)
    return this.#limiter.consume(key, options).then(answered)
  }

  async charge(key: string, cost: number): Promise<Decision> {
    return answered(await this.#limiter.charge(key, cost, this.#counted))
  }

  async credit(key: string, cost: number): Promise<Decision> {
    return answered(await this.#limiter.credit(key, cost, this.#counted))
  }

  /** How the key stands; denied where it is blocked. */
  async look(key: string): Promise<Decision> {
    return answered(await this.#limiter.peek(key, { ...this.#counted, cost: 0 }))
  }

  async block(key: string, ms: number): Promise<void> {
    await this.#limiter.block(key, ms)
  }

  async reset(key: string): Promise<void> {
    await this.#limiter.reset(key)
  }

  close(): Promise<void> {
    return this.#limiter.close()
  }
}

/** Limiters of different prefixes have policies of different names, as far as names can tell them. */
function policyOf({ keyPrefix, points, windowMs, blockMs }: PointsTerms): PolicyOptions {
  const limit = { limit: points, window: windowMs }
  return {
    name: `points/${keyPrefix.replaceAll(/[^A-Za-z0-9._/-]/g, '-')}`.slice(0, 64),
    rules: [{ name: 'points', algorithm: 'fixed-window', limit }],
    ...(blockMs > 0 && { ban: [blockMs] }),
  }
}

function countedIn({ windowMs }: PointsTerms): CallOptions {
  return { limit: { limit: COUNTED, window: windowMs } }
}

function answered(decision: Decision): Decision {
  if (decision.source !== 'closed') return decision
  const fix = 'give the limiter an insuranceLimiter, or a higher deadlineMs'
  throw new HeadgateError('store-unavailable', `the store did not answer; ${fix}`)
}
