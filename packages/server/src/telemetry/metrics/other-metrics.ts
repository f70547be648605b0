import type { Health } from 'headgate'
import type { Family } from './metric.ts'
import type { ThreadRuntime } from './thread-runtime.ts'

/** What other threads of a process have counted. Whoever does not answer in time stands as it was last known, or is left out. */
export interface OtherMetrics {
  counted(): Promise<CountedElsewhere>
  /** How they run, by the numbers of workers. */
  runtimes(): Promise<ReadonlyMap<number, ThreadRuntime>>
}

/** What was counted in other threads. */
export interface CountedElsewhere {
  /** Of each thread, and of those that have ended. */
  readonly families: readonly (readonly Family[])[]
  /** The store as they find it; null while none of them decides. */
  readonly health: Health | null
}

/** Of a process of one thread. */
export const NO_OTHER_METRICS: OtherMetrics = {
  counted: async () => ({ families: [], health: null }),
  runtimes: async () => new Map(),
}
