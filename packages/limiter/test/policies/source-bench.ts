import type { Limiter } from '../../src/core/limiter.ts'
import type { AccessOptions } from '../../src/core/policy-options.ts'
import type { SyncStore } from '../../src/core/store.ts'
import { createLimiter } from '../../src/create-limiter.ts'
import {
  type Loaded,
  type PolicySourceOptions,
  policySource,
} from '../../src/policies/source/policy-source.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { type ManualClock, manualClock } from '../../src/testing/manual-clock.ts'

export type Answer = Loaded | Error | Promise<Loaded>

export interface Bench {
  readonly limiter: Limiter<SyncStore>
  readonly clock: ManualClock
  /** Keys that were loaded, in order. */
  readonly loads: string[]
  /** What `load` answers from now on. */
  answer: (key: string) => Answer
}

export function bench(
  first: Answer,
  options: Partial<PolicySourceOptions> = {},
  lists: AccessOptions = {},
): Bench {
  const clock = manualClock()
  const loads: string[] = []
  const source = policySource({
    key: ({ tenant }) => tenant as string,
    load: async (key) => {
      loads.push(key)
      const answer = await one.answer(key)
      if (answer instanceof Error) throw answer
      return answer
    },
    ...options,
  })
  const limiter = createLimiter({ policies: source, store: memoryStore({ clock }), clock, ...lists })
  const one: Bench = { limiter, clock, loads, answer: () => first }
  return one
}

/** A promise that a test ends. */
export function pending(): { readonly promise: Promise<Loaded>; resolve: (loaded: Loaded) => void } {
  let resolve = (_: Loaded): void => {}
  const promise = new Promise<Loaded>((done) => {
    resolve = done
  })
  return { promise, resolve }
}

export const acme = { tenant: 'acme' }
/** Lets promises that are settled run on. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
