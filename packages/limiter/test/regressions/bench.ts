import type { Decision } from '../../src/core/decision.ts'
import type { Limiter } from '../../src/core/limiter.ts'
import type { RuleOptions } from '../../src/core/rule.ts'
import type { SyncStore } from '../../src/core/store.ts'
import { createLimiter } from '../../src/create-limiter.ts'
import { type MemoryStore, memoryStore } from '../../src/stores/memory/index.ts'
import { type ManualClock, manualClock } from '../../src/testing/manual-clock.ts'

/** A limiter in memory whose time the test moves. */
export interface Bench {
  readonly limiter: Limiter<SyncStore>
  readonly store: MemoryStore
  readonly clock: ManualClock
}

/** A limiter of one policy with these rules. */
export function benchOf(...rules: readonly (RuleOptions | string)[]): Bench {
  const clock = manualClock()
  const store = memoryStore({ clock })
  return { clock, store, limiter: createLimiter({ policies: [{ name: 'p', rules }], store, clock }) }
}

/** Asks every `everyUs`, `times` times, and counts what was allowed. */
export function offer({ limiter, clock }: Bench, everyUs: number, times: number, cost = 1): number {
  let allowed = 0
  for (let i = 0; i < times; i++) {
    if (i > 0) clock.advanceUs(everyUs)
    if (limiter.consumeSync('key', { cost }).allowed) allowed += cost
  }
  return allowed
}

/** The few fields of a decision that most regressions are about. */
export function brief({ allowed, reason, remaining, retryAfterMs }: Decision): unknown[] {
  return [allowed, reason, remaining, retryAfterMs]
}
