import type { Store } from '../core/store.ts'
import type { RuleSet } from '../policies/compile-policy.ts'

interface Sharers {
  /** Limiters on the store that have an unnamed policy, by what they say of its rules. */
  readonly rules: Map<string, number>
  isWarned: boolean
}

const sharers = new WeakMap<Store, Sharers>()

/**
 * Notes a limiter whose policy has no name of its own, and so shares its budgets with others of its kind on the same
 * store. Warns once a store when their rules differ: hardly anybody means that. Answers the removal of the note.
 */
export function noteUnnamed(store: Store, { rules }: RuleSet): () => void {
  const text = JSON.stringify(rules.map(({ identity, limit, capacity }) => [identity.text, limit, capacity]))
  const known = sharers.get(store) ?? { rules: new Map<string, number>(), isWarned: false }
  sharers.set(store, known)
  known.rules.set(text, (known.rules.get(text) ?? 0) + 1)
  if (known.rules.size > 1 && !known.isWarned) {
    known.isWarned = true
    warn()
  }
  return () => {
    const left = (known.rules.get(text) ?? 0) - 1
    if (left > 0) known.rules.set(text, left)
    else known.rules.delete(text)
  }
}

function warn(): void {
  const what = 'Two limiters with different limits count in one store under the policy name default'
  const fix = 'give each a policy with a name of its own, or its store another prefix'
  process.emitWarning(`${what}, so that they share their counters; ${fix}`, {
    type: 'HeadgateWarning',
    code: 'HEADGATE_SHARED_COUNTER',
    detail: 'docs/guide/several-limits.md#several-limiters-on-one-store',
  })
}
