import type { Store } from '../core/store.ts'

/** Does something around a call of a store. */
export type Around = <T>(call: () => Promise<T>) => Promise<T>

type Besides = 'refund' | 'reset' | 'take' | 'ping' | 'heartbeat'

/** What a store does besides deciding, each call by way of `around`; what it cannot do stays absent. */
export function wrapping(store: Store, around: Around): Pick<Store, Besides> {
  const { take, ping, heartbeat } = store
  return {
    refund: (refunds) => around(() => store.refund(refunds)),
    reset: (asks) => around(() => store.reset(asks)),
    ...(take && { take: (ask, least, deadlineMs) => around(() => take.call(store, ask, least, deadlineMs)) }),
    ...(ping && { ping: () => around(() => ping.call(store)) }),
    ...(heartbeat && { heartbeat: (id, ms) => around(() => heartbeat.call(store, id, ms)) }),
  }
}

/** What has timers of its own. */
export interface Stoppable {
  /** Puts them down; the store beneath stays open. */
  stop(): void
}
