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
   * Most denials remembered; beyond it the oldest is dropped, and its requests go to the store again.
   * @default 10000
   */
  readonly max?: number
  /**
   * Clock by which denials expire.
   * @default the system's
   */
  readonly clock?: Clock
  /** Called for each denial that was repeated. */
  readonly onAnswer?: () => void
}

/** A store with a deny cache in front of it. */
export interface DenyCache extends AtOnceStore {
  /** Drops denials of these keys, which were changed other than through this store. */
  forget(keys: readonly BudgetKey[]): void
}

/** Default number of denials remembered. */
export const DENIALS_MAX = 10_000

/**
 * Repeats denials while they must still hold, so that a flood of denied calls costs the store nothing. A denial is
 * repeated for the wait it reported, counted from the request, but at most for a second; also for a higher cost, if the
 * wait for that can be computed. `reset`, `refund`, `credit` and `block` through this store end it, and so do new rules.
 */
export function withDenyCache(store: Store, options: DenyCacheOptions = {}): DenyCache {
  checkFields(options, ['max', 'clock', 'onAnswer'], 'withDenyCache')
  const { max = DENIALS_MAX, clock = expiryClock(), onAnswer = () => {} } = options
  checkWhole(max, 'withDenyCache.max')
  return cacheDenials(store, new Denials(max, clock), onAnswer)
}

/** A deny cache whose denials the caller can also drop itself. */
export function cacheDenials(store: Store, denials: Denials, onAnswer: () => void): DenyCache {
  // Before and after: a decision that was pending during the change may have been made before or after it.
  const changing = async <T>(keys: readonly BudgetKey[], change: () => Promise<T>): Promise<T> => {
    denials.forget(keys)
    try {
      return await change()
    } finally {
      denials.forget(keys)
    }
  }
  const recorded = <V extends Verdicts>(
    requests: readonly BudgetRequest[],
    call: () => Promise<V>,
  ): Promise<V> => {
    const started = denials.start()
    return fromSyncThrow(call).then(
      (verdicts) => {
        denials.record(requests, verdicts, started)
        denials.end()
        return verdicts
      },
      (reason: unknown) => {
        denials.end()
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
    decide(verb, requests, options) {
      if (verb === 'peek') return store.decide(verb, requests, options)
      if (verb === 'credit') return changing(requests, () => store.decide(verb, requests, options))
      const known = decideAtOnce(verb, requests)
      if (known !== null) return Promise.resolve(known)
      return recorded(requests, () => store.decide(verb, requests, options))
    },
    ...acquiring(store, (leasing) => async (request, min, options) => {
      const requests = [{ ...request, cost: min }]
      const known = denials.find(requests)
      if (known !== null) return { ...known, granted: 0 }
      return recorded(requests, () => leasing.acquire(request, min, options))
    }),
    forget: (keys) => denials.forget(keys),
    refund: (refunds) => changing(refunds, () => store.refund(refunds)),
    reset: (keys) => changing(keys, () => store.reset(keys)),
    block: (keys, lengthUs) => changing(keys, () => store.block(keys, lengthUs)),
    close: () => store.close(),
  }
}
