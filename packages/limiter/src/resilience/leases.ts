import type { Clock } from '../core/clock.ts'
import type { Source } from '../core/decision.ts'
import type { Ask, Store, Verb } from '../core/store.ts'
import { checkFields } from '../core/validate.ts'
import { DEADLINE_MS } from './deadline.ts'
import type { AtOnce } from './deny-cache.ts'
import { backgroundClock, lapseClock } from './steady-clock.ts'
import { Taking } from './taking.ts'
import { wrapping } from './wrapping.ts'

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
   * How long a decision may take that waits for a take, in milliseconds, unless its caller is in a greater hurry.
   * @default 15
   */
  readonly deadlineMs?: number
  /** Told of each decision that came from a lease, or of a take: the sources are those of decisions. */
  readonly onAnswer?: (source: Source) => void
}

/** A store with leases in front of it. */
export interface Leases extends AtOnce {
  /** Gives back what is held, and what takes under way bring; afterwards leases begin anew. */
  release(): Promise<void>
}

/**
 * Answers decisions of policies with a `lease` from units taken beforehand, when all policies of the decision have
 * one. A key that is asked for again and again takes a block of units in one step, sized to its own demand, and takes
 * the next when half of it is spent. What is left returns when the lease ends, and with `release`.
 */
export function withLeases(store: Store | AtOnce, options: LeasesOptions = {}): Leases {
  checkFields(options, ['clock', 'timers', 'deadlineMs', 'onAnswer'], 'withLeases')
  const { clock = lapseClock(), deadlineMs: ownMs = DEADLINE_MS, onAnswer = () => {} } = options
  const timers = options.timers ?? options.clock ?? backgroundClock
  const { take } = store
  const beneath = store.decideAtOnce?.bind(store)
  const beneathOne = store.consumeAtOnce?.bind(store)
  const taking =
    take === undefined
      ? null
      : new Taking({ store, take: take.bind(store), clock, timers, deadlineMs: ownMs, onAnswer })
  return {
    ...wrapping(store, (call) => call()),
    synchronous: false,
    decideAtOnce(verb, asks) {
      const held = taking !== null && isLeased(verb, asks) ? taking.spend(verb, asks) : null
      return held ?? beneath?.(verb, asks) ?? null
    },
    consumeAtOnce(ask) {
      const held = taking !== null && ask.budget.lease !== undefined ? taking.spendOne(ask, false) : null
      return held ?? beneathOne?.(ask) ?? null
    },
    decide(verb, asks, deadlineMs) {
      if (taking === null || !isLeased(verb, asks)) return store.decide(verb, asks, deadlineMs)
      return taking.decide(verb, asks, deadlineMs)
    },
    async reset(asks) {
      taking?.book.drop(asks)
      await store.reset(asks)
    },
    async release() {
      await taking?.release()
    },
    async close() {
      await taking?.release()
      await store.close()
    },
  }
}

/** Whether leases may answer: all policies have one, and something is asked for that a limit bounds. */
function isLeased(verb: Verb, asks: readonly Ask[]): boolean {
  if (verb === 'charge') return false
  for (const { budget, cost } of asks) if (budget.lease === undefined || cost === 0) return false
  return true
}
