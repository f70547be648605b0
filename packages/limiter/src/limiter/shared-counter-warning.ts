import type { Store } from '../core/store.ts'
import { warn } from '../core/warn.ts'
import type { RuleSet } from '../policies/compile-rules.ts'

interface UnnamedLimiters {
  /** How many limiters on the store have an unnamed policy with these rules. */
  readonly countByRules: Map<string, number>
  isWarned: boolean
}

const limitersByStore = new WeakMap<Store, UnnamedLimiters>()

/**
 * Registers a limiter that has a limit but no named policy: all such limiters on one store share the counters of the policy
 * `default`. Where their rules differ that is hardly intended, so it warns, once per store. Returns the removal.
 */
export function registerUnnamed(store: Store, { rules }: RuleSet): () => void {
  const id = JSON.stringify(rules.map(({ identity, limit, capacity }) => [identity.text, limit, capacity]))
  const limiters = limitersByStore.get(store) ?? { countByRules: new Map<string, number>(), isWarned: false }
  const { countByRules } = limiters
  limitersByStore.set(store, limiters)
  countByRules.set(id, (countByRules.get(id) ?? 0) + 1)
  if (countByRules.size > 1 && !limiters.isWarned) {
    limiters.isWarned = true
    warnOfSharedCounter()
  }
  return () => {
    const left = (countByRules.get(id) ?? 0) - 1
    if (left > 0) countByRules.set(id, left)
    else countByRules.delete(id)
  }
}

function warnOfSharedCounter(): void {
  const what = 'Two limiters with different limits count in one store under the policy name default'
  const fix = 'give each a policy with a name of its own, or its store another prefix'
  warn(`${what}, so that they share their counters; ${fix}`, {
    code: 'HEADGATE_SHARED_COUNTER',
    detail: 'docs/guide/several-limits.md#several-limiters-on-one-store',
  })
}
