import type { Clock } from '../core/clock.ts'
import type { Ask, Store, Taken, Verb, Verdicts } from '../core/store.ts'
import { checkFields } from '../core/validate.ts'
import { checkWhole } from './check.ts'
import { Denials } from './denials.ts'
import { promised } from './promised.ts'
import { lapseClock } from './steady-clock.ts'
import { wrapping } from './wrapping.ts'

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

/** A store that answers some questions by itself. */
export interface AtOnce extends Store {
  /** The answer that needs nobody else, or null. The array of its verdicts is of this answer alone. */
  decideAtOnce: NonNullable<Store['decideAtOnce']>
  consumeAtOnce: NonNullable<Store['consumeAtOnce']>
}

/** A store with a deny cache in front of it. */
export interface DenyCache extends AtOnce {
  /** Forgets denials of these keys: something else than this store changed them. */
  forget(asks: readonly Omit<Ask, 'cost'>[]): void
}

const MAX = 10_000

/**
 * Repeats denials while they are bound to hold: what was denied is denied again, and so is what costs more where the
 * wait for that is known, from the time the question was sent and for the wait that was told, but for a second at
 * most. `reset` and `refund` here, and new rules, end it. A flood of denied calls costs the store nothing.
 */
export function withDenyCache(store: Store, options: DenyCacheOptions = {}): DenyCache {
  checkFields(options, ['max', 'clock', 'onAnswer'], 'withDenyCache')
  const { max = MAX, clock = lapseClock(), onAnswer = () => {} } = options
  checkWhole(max, 'withDenyCache.max')
  const denials = new Denials(max)
  const { take } = store
  // What is asked before the change was carried out may be answered after it.
  const around = async (
    changed: readonly Omit<Ask, 'cost'>[],
    change: () => Promise<void>,
  ): Promise<void> => {
    denials.forget(changed)
    try {
      await change()
    } finally {
      denials.forget(changed)
    }
  }
  const noted = <V extends Verdicts>(asks: readonly Ask[], ask: () => Promise<V>): Promise<V> => {
    const sent = denials.sent(clock.now())
    return promised(ask).then(
      (verdicts) => {
        denials.note(asks, verdicts, sent, clock)
        denials.settled()
        return verdicts
      },
      (reason: unknown) => {
        denials.settled()
        throw reason
      },
    )
  }
  const decideAtOnce = (verb: Verb, asks: readonly Ask[]): Verdicts | null => {
    const known = verb === 'consume' ? denials.find(asks, clock) : null
    if (known !== null) onAnswer()
    return known
  }
  return {
    ...wrapping(store, (call) => call()),
    synchronous: false,
    decideAtOnce,
    consumeAtOnce(ask) {
      const known = denials.findOne(ask, clock)
      if (known !== null) onAnswer()
      return known
    },
    decide(verb, asks, deadlineMs) {
      if (verb === 'peek') return store.decide(verb, asks, deadlineMs)
      const known = decideAtOnce(verb, asks)
      if (known !== null) return Promise.resolve(known)
      return noted(asks, () => store.decide(verb, asks, deadlineMs))
    },
    ...(take && {
      take(ask: Ask, least: number, deadlineMs?: number): Promise<Taken> {
        const asks = [{ ...ask, cost: least }]
        const known = denials.find(asks, clock)
        if (known !== null) return Promise.resolve({ ...known, granted: 0 })
        return noted(asks, () => take.call(store, ask, least, deadlineMs))
      },
    }),
    forget: (asks) => denials.forget(asks),
    refund: (refunds) => around(refunds, () => store.refund(refunds)),
    reset: (asks) => around(asks, () => store.reset(asks)),
    close: () => store.close(),
  }
}
