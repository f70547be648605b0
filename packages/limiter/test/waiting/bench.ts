import type { Clock } from '../../src/core/clock.ts'
import type { Limiter } from '../../src/core/limiter.ts'
import type { RuleOptions } from '../../src/core/rule.ts'
import type { Store } from '../../src/core/store.ts'
import { createLimiter } from '../../src/create-limiter.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { type ManualClock, manualClock } from '../../src/testing/manual-clock.ts'

interface BenchOptions {
  readonly burst?: number
  readonly early?: number
  readonly slackMs?: number
  readonly rule?: RuleOptions
}

/** What a limiter's store was asked, and how it is made to answer. */
interface Calls {
  decide: number
  /** Reason by which the next question fails. */
  fail: Error | null
  /** Holds all answers from now on until the function returned is called. */
  hold(): () => void
}

interface Bench {
  readonly limiter: Limiter<Store>
  /** Another one on the same store. */
  readonly other: Limiter<Store>
  readonly clock: ManualClock
  readonly calls: Calls
}

/** One unit a second on a store that counts what it is asked, and can be held or made to fail. */
export function bench({ burst = 1, early = 1, slackMs = 0, rule }: BenchOptions = {}): Bench {
  const clock = manualClock()
  const inner = memoryStore({ clock })
  let gate = Promise.resolve()
  const calls: Calls = {
    decide: 0,
    fail: null,
    hold(): () => void {
      const { promise, resolve } = Promise.withResolvers<void>()
      gate = promise
      return resolve
    },
  }
  const store: Store = {
    async decide(verb, requests) {
      calls.decide++
      const reason = calls.fail
      calls.fail = null
      if (reason !== null) throw reason
      const verdicts = await inner.decide(verb, requests)
      await gate
      return verdicts
    },
    refund: (refunds) => inner.refund(refunds),
    reset: (keys) => inner.reset(keys),
    block: (keys, lengthUs) => inner.block(keys, lengthUs),
    close: async () => {},
  }
  const timers: Clock = {
    now: clock.now,
    after: (ms, callback) => clock.after(ms * early, callback),
    timerSlackMs: slackMs,
  }
  const limits = rule ?? { algorithm: 'token-bucket', limit: '1/s', burst }
  const open = (): Limiter<Store> => createLimiter<Store>({ ...limits, store, clock: timers })
  return { limiter: open(), other: open(), clock, calls }
}

/** Moves the clock, before and after which everything that waits for promises alone goes on. */
export async function advance(clock: ManualClock, ms: number): Promise<void> {
  await settle()
  clock.advance(ms)
  await settle()
}

/** Lets everything that waits for promises alone go on. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
