import { describe } from 'vitest'
import type { Ask, Store, Verb } from '../../src/core/store.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { type ManualClock, manualClock } from '../../src/testing/manual-clock.ts'

/** A store and its clock, for one example of a property. */
export interface Bench {
  readonly store: Store
  readonly clock: ManualClock
  /** Asks one budget: the wait, what remains, and the time to recover, of its first rule. */
  ask(verb: Verb, ask: Ask): Promise<{ wait: number; remaining: number; reset: number }>
}

export interface Stage {
  readonly name: string
  /** Examples of a property that takes `usual` of them on memory. */
  runs(usual: number): number
  bench(): Bench
}

/** Declares the same tests for every store. */
export function onEveryStore(name: string, declare: (stage: Stage) => void): void {
  describe(`${name} on memory`, () => {
    declare({
      name: 'memory',
      runs: (usual) => usual,
      bench: () => benchOf((clock) => memoryStore({ clock })),
    })
  })
}

function benchOf(make: (clock: ManualClock) => Store): Bench {
  const clock = manualClock()
  const store = make(clock)
  return {
    store,
    clock,
    async ask(verb, ask) {
      const [wait = 0, remaining = 0, reset = 0] = Array.from((await store.decide(verb, [ask])).numbers)
      return { wait, remaining, reset }
    },
  }
}
