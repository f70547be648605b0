import {
  isLeasing,
  isProbed,
  isQueueing,
  type LeasingStore,
  type ProbedStore,
  type Store,
} from '../core/store.ts'

/** Does something around a call of a store. */
export type Around = <T>(call: () => Promise<T>) => Promise<T>

/** What a store does besides deciding: what it cannot do is not there. */
export type PassedThrough = Pick<Store, 'refund' | 'reset'> &
  Partial<Pick<ProbedStore, 'ping' | 'heartbeat'> & Pick<LeasingStore, 'acquire'> & { readonly queues: true }>

const plainly: Around = (call) => call()

/** What a store does besides deciding, each call by way of `around`. */
export function passThrough(store: Store, around: Around = plainly): PassedThrough {
  return {
    refund: (refunds) => around(() => store.refund(refunds)),
    reset: (keys) => around(() => store.reset(keys)),
    ...(isQueueing(store) && { queues: true as const }),
    ...acquiring(
      store,
      (leasing) =>
        (...given) =>
          around(() => leasing.acquire(...given)),
    ),
    ...(isProbed(store) && {
      ping: () => around(() => store.ping()),
      heartbeat: (id, lifetimeMs) => around(() => store.heartbeat(id, lifetimeMs)),
    }),
  }
}

type Acquire = LeasingStore['acquire']

/** Another way to acquire, where the store can. */
export function acquiring(
  store: Store,
  way: (store: LeasingStore) => Acquire,
): { readonly acquire?: Acquire } {
  return isLeasing(store) ? { acquire: way(store) } : {}
}

/** What has timers of its own. */
export interface Stoppable {
  /** Puts them down; the store beneath stays open. */
  stop(): void
}
