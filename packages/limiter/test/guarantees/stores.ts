import { describe } from 'vitest'
import { REMAINING, RESET, WAIT } from '../../src/core/algorithm.ts'
import type { BudgetRequest, Store, Verb } from '../../src/core/store.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { type ManualClock, manualClock } from '../../src/testing/manual-clock.ts'
import { redisForTests } from '../redis-for-tests.ts'
import { clockedRedisStore } from '../redis-subject.ts'
import { InTurn } from '../shared-memory/in-turn.ts'

/** A store and its clock, for one example of a property. */
export interface Bench {
  readonly store: Store
  readonly clock: ManualClock
  /** Asks one budget: the wait, what remains, and the time to recover, of its first rule. */
  ask(verb: Verb, request: BudgetRequest): Promise<{ wait: number; remaining: number; reset: number }>
}

export interface Stage {
  readonly name: string
  /** Examples of a property that takes `usual` of them on memory. */
  runs(usual: number): number
  bench(): Bench
}

/** Examples on Redis, which takes a round trip for every question, for one on memory. */
const REDIS_SHARE = 10

/** The same on memory that threads share, which is mapped anew for every example. */
const SHARED_SHARE = 8

/** Declares the same tests for every store. */
export function onEveryStore(name: string, declare: (stage: Stage) => void): void {
  describe(`${name} on memory`, () => {
    declare({
      name: 'memory',
      runs: (usual) => usual,
      bench: () => benchOf((clock) => memoryStore({ clock })),
    })
  })

  describe(`${name} on memory that threads share`, () => {
    declare({
      name: 'shared memory',
      runs: (usual) => Math.ceil(usual / SHARED_SHARE),
      bench: () => benchOf((clock) => new InTurn(clock)),
    })
  })

  describe(`${name} on Redis`, () => {
    const redis = redisForTests()
    let benches = 0
    const open = (clock: ManualClock) =>
      clockedRedisStore(redis.client, clock, { prefix: `headgate:b${++benches}` })
    declare({
      name: 'redis',
      runs: (usual) => Math.ceil(usual / REDIS_SHARE),
      bench: () => benchOf(open),
    })
  })
}

function benchOf(make: (clock: ManualClock) => Store): Bench {
  const clock = manualClock()
  const store = make(clock)
  return {
    store,
    clock,
    async ask(verb, request) {
      const { numbers } = await store.decide(verb, [request])
      const at = (offset: number): number => numbers[offset] as number
      return { wait: at(WAIT), remaining: at(REMAINING), reset: at(RESET) }
    },
  }
}
