import { type ClaimingStore, isClaiming } from '../core/claiming-store.ts'
import {
  isLeasing,
  isProbed,
  isQueueing,
  type LeasingStore,
  type ProbedStore,
  type Store,
} from '../core/store.ts'

/** Makes a call of a store, with something before or after it. */
export type Around = <T>(call: () => Promise<T>) => Promise<T>

/** The members of a store besides `decide` and `close`; optional ones are absent if the store lacks them. */
export type PassedThrough = Pick<Store, 'refund' | 'reset' | 'block'> &
  Partial<
    Pick<ProbedStore, 'ping' | 'heartbeat'> &
      Pick<LeasingStore, 'acquire'> &
      Pick<ClaimingStore, 'claim' | 'unclaim'> & { readonly queues: true }
  >

const directly: Around = (call) => call()

/** The members of a store besides `decide` and `close`, each call made by `around`. */
export function passThrough(store: Store, around: Around = directly): PassedThrough {
  return {
    refund: (refunds) => around(() => store.refund(refunds)),
    reset: (keys) => around(() => store.reset(keys)),
    block: (keys, lengthUs) => around(() => store.block(keys, lengthUs)),
    ...(isQueueing(store) && { queues: true as const }),
    ...acquiring(
      store,
      (leasing) =>
        (...args) =>
          around(() => leasing.acquire(...args)),
    ),
    ...(isClaiming(store) && {
      claim: (claim) => around(() => store.claim(claim)),
      unclaim: (id) => around(() => store.unclaim(id)),
    }),
    ...(isProbed(store) && {
      ping: () => around(() => store.ping()),
      heartbeat: (id, lifetimeMs) => around(() => store.heartbeat(id, lifetimeMs)),
    }),
  }
}

type Acquire = LeasingStore['acquire']

/** An `acquire` of a wrapper, absent if the store has none; `wrap` makes it from the store. */
export function acquiring(
  store: Store,
  wrap: (store: LeasingStore) => Acquire,
): { readonly acquire?: Acquire } {
  return isLeasing(store) ? { acquire: wrap(store) } : {}
}

/** Something with timers of its own. */
export interface Stoppable {
  /** Clears the timers; the wrapped store stays open. */
  stop(): void
}
