import type { Clock } from '../../core/clock.ts'
import type { Source } from '../../core/decision.ts'
import {
  type AtOnceStore,
  type BudgetRequest,
  isAtOnce,
  isLeasing,
  type Store,
  type Verb,
} from '../../core/store.ts'
import { checkFields } from '../../core/validate.ts'
import { expiryClock, unrefClock } from '../clocks.ts'
import { DEADLINE_MS } from '../deadline/deadline.ts'
import { passThrough } from '../pass-through.ts'
import { type FailureDecider, LeaseRefiller } from './lease-refiller.ts'

/** Options of {@link withLeases}. */
export interface LeasesOptions {
  /**
   * Time that leases last by; the process may be suspended, and then more of it has passed.
   * @default the system's
   */
  readonly clock?: Clock
  /**
   * Ends leases.
   * @default the system's, with timers that let the process end
   */
  readonly timers?: Pick<Clock, 'after'>
  /**
   * Callers with a shorter deadline than this, in milliseconds, do not wait for units to be acquired: they ask for
   * themselves.
   * @default 15
   */
  readonly deadlineMs?: number
  /** Told of each decision that came from a lease, or with an acquire: the sources are those of decisions. */
  readonly onAnswer?: (source: Source) => void
  /**
   * Decides where an acquire failed, since the store must not be asked again.
   * @default the failure is passed on
   */
  readonly onFailure?: FailureDecider
}

/** A store with leases in front of it. */
export interface Leases extends AtOnceStore {
  /** Gives back what is held, and what pending acquires bring; afterwards leases begin anew. */
  release(): Promise<void>
}

/**
 * Answers decisions of policies with a `lease` from units acquired beforehand, when all policies of the decision have
 * one. A key that is asked for again and again acquires a block of units in one step, sized to its own demand, and
 * the next when half of it is spent. What is left returns when the lease ends, and with `release`.
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
    decide(verb, requests, given) {
      if (refiller === null || !isLeased(verb, requests)) return store.decide(verb, requests, given)
      return refiller.decide(verb, requests, given)
    },
    async reset(keys) {
      refiller?.book.drop(keys)
      await store.reset(keys)
    },
    async release() {
      await refiller?.release()
    },
    async close() {
      await refiller?.release()
      await store.close()
    },
  }
}

/** Whether leases may answer: all policies have one, and something is asked for that a limit bounds. */
function isLeased(verb: Verb, requests: readonly BudgetRequest[]): boolean {
  if (verb === 'charge' || verb === 'credit') return false
  for (let i = 0; i < requests.length; i++) {
    const { budget, cost } = requests[i] as BudgetRequest
    if (budget.lease === undefined || cost === 0) return false
  }
  return true
}
