import type { Clock } from '../../core/clock.ts'
import type { AtOnceStore, BudgetKey, BudgetRequest, Store, Verb, Verdicts } from '../../core/store.ts'
import { checkFields } from '../../core/validate.ts'
import { checkWhole } from '../check-number.ts'
import { expiryClock } from '../clocks.ts'
import { fromSyncThrow } from '../from-sync-throw.ts'
import { acquiring, passThrough } from '../pass-through.ts'
import { Denials } from './denials.ts'

/** Options of {@link withDenyCache}. */
export interface DenyCacheOptions {
  /**
   * Most denials remembered; beyond it the oldest is forgotten, and asked for again.
   * @default 10000
   */
  readonly max?: number
  /**
   * Time that denials last by.
   * @default the system's
   */
  readonly clock?: Clock
  /** Told of each denial that was repeated. */
  readonly onAnswer?: () => void
}

/** A store with a deny cache in front of it. */
export interface DenyCache extends AtOnceStore {
  /** Forgets denials of these keys: something else than this store changed them. */
  forget(keys: readonly BudgetKey[]): void
}

/** Most denials remembered unless another number is given. */
export const DENIALS_MAX = 10_000

/**
 * Repeats denials while they are bound to hold: what was denied is denied again, and so is what costs more where the
 * wait for that is known, from the time the decision was asked for and for the wait that was told, but for a second at
 * most. `reset`, `refund` and `credit` here, and new rules, end it. A flood of denied calls costs the store nothing.
 */
export function withDenyCache(store: Store, options: DenyCacheOptions = {}): DenyCache {
  checkFields(options, ['max', 'clock', 'onAnswer'], 'withDenyCache')
  const { max = DENIALS_MAX, clock = expiryClock(), onAnswer = () => {} } = options
  checkWhole(max, 'withDenyCache.max')
  return cacheDenials(store, new Denials(max, clock), onAnswer)
}

/** A store in front of which denials are repeated that others may forget as well. */
export function cacheDenials(store: Store, denials: Denials, onAnswer: () => void): DenyCache {
  // What is asked before the change was carried out may be answered after it.
  const changing = async <T>(keys: readonly BudgetKey[], change: () => Promise<T>): Promise<T> => {
    denials.forget(keys)
    try {
      return await change()
    } finally {
      denials.forget(keys)
    }
  }
  const noted = <V extends Verdicts>(
    requests: readonly BudgetRequest[],
    ask: () => Promise<V>,
  ): Promise<V> => {
    const asked = denials.asked()
    return fromSyncThrow(ask).then(
      (verdicts) => {
        denials.note(requests, verdicts, asked)
        denials.answered()
        return verdicts
      },
      (reason: unknown) => {
        denials.answered()
        throw reason
      },
    )
  }
  const decideAtOnce = (verb: Verb, requests: readonly BudgetRequest[]): Verdicts | null => {
    const known = verb === 'consume' ? denials.find(requests) : null
    if (known !== null) onAnswer()
    return known
  }
  return {
    ...passThrough(store),
    decideAtOnce,
    decide(verb, requests, given) {
      if (verb === 'peek') return store.decide(verb, requests, given)
      if (verb === 'credit') return changing(requests, () => store.decide(verb, requests, given))
      const known = decideAtOnce(verb, requests)
      if (known !== null) return Promise.resolve(known)
      return noted(requests, () => store.decide(verb, requests, given))
    },
    ...acquiring(store, (leasing) => async (request, min, given) => {
      const requests = [{ ...request, cost: min }]
      const known = denials.find(requests)
      if (known !== null) return { ...known, granted: 0 }
      return noted(requests, () => leasing.acquire(request, min, given))
    }),
    forget: (keys) => denials.forget(keys),
    refund: (refunds) => changing(refunds, () => store.refund(refunds)),
    reset: (keys) => changing(keys, () => store.reset(keys)),
    close: () => store.close(),
  }
}
