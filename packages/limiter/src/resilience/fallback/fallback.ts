import type { Clock } from '../../core/clock.ts'
import { HeadgateError } from '../../core/errors.ts'
import { checkOnStoreError, type OnStoreError } from '../../core/on-store-error.ts'
import type { Store, SyncStore } from '../../core/store.ts'
import { checkFields } from '../../core/validate.ts'
import { unrefClock } from '../clocks.ts'
import { passThrough } from '../pass-through.ts'
import { isUnavailable } from '../store-failure.ts'
import { type Answerer, FallbackDecider } from './fallback-decider.ts'

/** Options of {@link withFallback}. */
export interface FallbackOptions {
  /**
   * Decides in place of the store. Used for all outages, so that one continues with the state that the last one left.
   */
  readonly local: SyncStore
  /**
   * What happens to decisions of policies that do not set `onStoreError`.
   * @default 'local'
   */
  readonly onStoreError?: OnStoreError
  /**
   * Returns how many processes share a limit now.
   * @default 1
   */
  readonly replicas?: () => number
  /**
   * Clock of answers that no store gave, as with `open` and `closed`.
   * @default the system's
   */
  readonly clock?: Clock
}

/** A store that also answers when the wrapped one does not. */
export interface Fallback extends Store {
  /** Count of decisions by who answered. */
  readonly decisions: Readonly<Record<Answerer, number>>
}

/**
 * Answers decisions that the store cannot, by `onStoreError` of their policies: `local` decides by this process's share
 * of the limits, `open` lets them pass, `closed` denies them. If a decision has several policies, one that is closed
 * denies it, those that are local must all pass, and those that are open do not count.
 */
export function withFallback(store: Store, options: FallbackOptions): Fallback {
  checkFields(options, ['local', 'onStoreError', 'replicas', 'clock'], 'withFallback')
  const { local, onStoreError = 'local', replicas = () => 1, clock = unrefClock } = options
  checkOnStoreError(onStoreError, 'withFallback.onStoreError')
  const config = { local, onStoreError, replicas, clock }
  return fallingBack(store, new FallbackDecider(config), local)
}

/** A store with a fallback whose decider the caller provides, and may use elsewhere as well. */
export function fallingBack(store: Store, decider: FallbackDecider, local: SyncStore): Fallback {
  return {
    ...passThrough(store),
    decisions: decider.decisions,
    decide(verb, requests, decideOptions) {
      decider.remember(requests)
      return store.decide(verb, requests, decideOptions).then(decider.count, (reason: unknown) => {
        if (!isUnavailable(reason)) throw reason
        return decider.answer(verb, requests, reason)
      })
    },
    async refund(refunds) {
      const givenHere = decider.refund(refunds)
      const others = refunds.filter(({ fallbackId }) => fallbackId === undefined)
      const givenThere = others.length > 0 ? await store.refund(others) : []
      return refunds.map((refund, i) => givenThere[others.indexOf(refund)] ?? (givenHere[i] as number))
    },
    reset(keys) {
      local.resetSync(keys)
      return store.reset(keys)
    },
    block(keys, lengthUs) {
      local.blockSync(keys, lengthUs)
      return store.block(keys, lengthUs).catch((reason: unknown) => {
        throw isUnavailable(reason) ? blockedHere(reason, lengthUs) : reason
      })
    },
    async close() {
      await local.close()
      await store.close()
    },
  }
}

/** A block stays where the store does not answer: who gives one wants it to hold wherever it can. */
function blockedHere(cause: unknown, lengthUs: number): HeadgateError {
  const what = lengthUs === 0 ? 'the block was ended' : 'the block holds'
  const message = `${what} in this process only, while the store does not answer; call again when it does`
  return new HeadgateError('store-unavailable', message, { cause })
}
