import type { Clock } from '../../core/clock.ts'
import { checkOnStoreError, type OnStoreError } from '../../core/on-store-error.ts'
import type { Store, SyncStore } from '../../core/store.ts'
import { checkFields } from '../../core/validate.ts'
import { unrefClock } from '../clocks.ts'
import { passThrough } from '../pass-through.ts'
import { isUnavailable } from '../store-failure.ts'
import { type Answerer, FallbackDecider } from './fallback-decider.ts'

/** Options of {@link withFallback}. */
export interface FallbackOptions {
  /** Decides in place of the store; one for as long as the fallback lives, so that an outage begins where the last one ended. */
  readonly local: SyncStore
  /**
   * What happens to decisions of policies that do not say so themselves.
   * @default 'local'
   */
  readonly onStoreError?: OnStoreError
  /**
   * How many processes share a limit now.
   * @default 1
   */
  readonly replicas?: () => number
  /**
   * Time of answers that no store gave.
   * @default the system's
   */
  readonly clock?: Clock
}

/** A store that answers also when the one beneath does not. */
export interface Fallback extends Store {
  /** Decisions so far, by who answered. */
  readonly decisions: Readonly<Record<Answerer, number>>
}

/**
 * Answers decisions that the store cannot, as their policies say: `local` by this process's share of the limits,
 * `open` by letting them pass, `closed` by denying them. Of several policies in one decision one that is closed
 * denies it, those that are local must all pass, and those that are open do not count.
 */
export function withFallback(store: Store, options: FallbackOptions): Fallback {
  checkFields(options, ['local', 'onStoreError', 'replicas', 'clock'], 'withFallback')
  const { local, onStoreError = 'local', replicas = () => 1, clock = unrefClock } = options
  checkOnStoreError(onStoreError, 'withFallback.onStoreError')
  const config = { local, onStoreError, replicas, clock }
  return fallingBack(store, new FallbackDecider(config), local)
}

/** A store with a decider that may be known to others as well. */
export function fallingBack(store: Store, decider: FallbackDecider, local: SyncStore): Fallback {
  return {
    ...passThrough(store),
    decisions: decider.decisions,
    decide(verb, requests, given) {
      decider.asked(requests)
      return store.decide(verb, requests, given).then(decider.count, (reason: unknown) => {
        if (!isUnavailable(reason)) throw reason
        return decider.answer(verb, requests, reason)
      })
    },
    async refund(refunds) {
      const here = decider.refund(refunds)
      const others = refunds.filter(({ fallbackId }) => fallbackId === undefined)
      const there = others.length > 0 ? await store.refund(others) : []
      return refunds.map((refund, i) => there[others.indexOf(refund)] ?? (here[i] as number))
    },
    reset(keys) {
      local.resetSync(keys)
      return store.reset(keys)
    },
    async close() {
      await local.close()
      await store.close()
    },
  }
}
