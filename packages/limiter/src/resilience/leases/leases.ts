import type { Budget } from '../../core/budget.ts'
import type { Clock } from '../../core/clock.ts'
import type { Source } from '../../core/decision.ts'
import {
  type AtOnceStore,
  type BudgetRequest,
  isAtOnce,
  isLeasing,
  type StateKey,
  type Store,
  type Verb,
} from '../../core/store.ts'
import { DEADLINE_MS } from '../../core/store-timeout.ts'
import { checkFields } from '../../core/validate.ts'
import { expiryClock, unrefClock } from '../clocks.ts'
import { passThrough } from '../pass-through.ts'
import { type FailureDecider, LeaseRefiller } from './lease-refiller.ts'

/** Options of {@link withLeases}. */
export interface LeasesOptions {
  /**
   * Clock by which leases expire; it must include time in which the machine was suspended.
   * @default the system's
   */
  readonly clock?: Clock
  /**
   * Timers for returning unspent units of expired leases.
   * @default the system's, with timers that let the process end
   */
  readonly timers?: Pick<Clock, 'after'>
  /**
   * Callers with a shorter deadline than this, in milliseconds, do not wait for an acquire: the store decides for them
   * directly.
   * @default 15
   */
  readonly deadlineMs?: number
  /** Called for each decision from a lease or with an acquire, with the source of the decision. */
  readonly onAnswer?: (source: Source) => void
  /**
   * Decides when an acquire failed: the store may have executed it, so it must not be asked again.
   * @default the error is thrown
   */
  readonly onFailure?: FailureDecider
}

/** A store with leases in front of it. */
export interface Leases extends AtOnceStore {
  /**
   * Gives back unspent units, also those of pending acquires, but of budgets that are still `inForce`; leases start over
   * afterwards.
   */
  release(inForce?: ReadonlySet<Budget>): Promise<void>
  /** Drops leases of these keys, which were changed other than through this store. */
  forget(keys: readonly StateKey[]): void
}

/**
 * Answers decisions from units acquired in advance, if all policies of the decision have a `lease`. A key that is
 * requested repeatedly acquires a block of units in one step, sized by its own demand, and the next one when half of it
 * is spent. Unspent units are given back when the lease ends, and by `release`.
 */
export function withLeases(store: Store, options: LeasesOptions = {}): Leases {
  const fields = ['clock', 'timers', 'deadlineMs', 'onAnswer', 'onFailure']
  checkFields(options, fields, 'withLeases')
  const { clock = expiryClock(), deadlineMs = DEADLINE_MS, onAnswer = () => {}, onFailure = null } = options
  const timers = options.timers ?? options.clock ?? unrefClock
  const atOnce = isAtOnce(store) ? store : null
  const refiller = isLeasing(store)
    ? new LeaseRefiller({ store, clock, timers, deadlineMs, onAnswer, onFailure })
    : null
  return {
    ...passThrough(store),
    decideAtOnce(verb, requests) {
      const held = refiller !== null && isLeased(verb, requests) ? refiller.spend(verb, requests) : null
      return held ?? atOnce?.decideAtOnce(verb, requests) ?? null
    },
    decide(verb, requests, decideOptions) {
      if (refiller === null || !isLeased(verb, requests)) return store.decide(verb, requests, decideOptions)
      return refiller.decide(verb, requests, decideOptions)
    },
    async reset(keys) {
      refiller?.book.drop(keys)
      await store.reset(keys)
    },
    async block(keys, lengthUs) {
      refiller?.book.drop(keys)
      await store.block(keys, lengthUs)
    },
    forget: (keys) => refiller?.book.drop(keys),
    async release(inForce) {
      await refiller?.release(inForce)
    },
    async close() {
      await refiller?.release()
      await store.close()
    },
  }
}

/** Whether leases may answer: all policies have one, and the decision spends units within limits. */
function isLeased(verb: Verb, requests: readonly BudgetRequest[]): boolean {
  if (verb === 'charge' || verb === 'credit') return false
  for (let i = 0; i < requests.length; i++) {
    const { budget, cost } = requests[i] as BudgetRequest
    if (budget.lease === undefined || cost === 0) return false
  }
  return true
}
