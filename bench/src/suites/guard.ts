import { oursAtMost, type Run, type Suite } from '../harness/suite.ts'
import type { GuardedStoreParams } from '../subjects/guarded-store.ts'

/** What deadline, breaker and fallback add to a decision of a store that answers in the next turn. */
export const guard: Suite = {
  name: 'guard',
  effort: { full: { warmMs: 500, measureMs: 1500 }, quick: { warmMs: 200, measureMs: 500 } },
  cases: (['deadline', 'breaker', 'guard'] as const).map((around) => ({
    name: `a decision with a ${around} around the store, 256 in flight`,
    unit: 'ns/decision',
    ours: run(around),
    theirs: [run('nothing')],
    target: oursAtMost(600),
  })),
}

function run(around: GuardedStoreParams['around']): Run {
  return { label: `headgate, ${around}`, subject: 'guarded-store', params: { around, inFlight: 256 } }
}
