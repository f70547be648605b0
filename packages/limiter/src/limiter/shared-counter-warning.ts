import { getOrAdd } from '../core/get-or-add.ts'
import { isPartitioned, keyspaceOf, type Store } from '../core/store.ts'
import { warnOnce } from '../core/warn.ts'
import type { Policy } from '../policies/compile-policy.ts'

/** For each counter, how many limiters count in it, by their limits. */
type Counters = Map<string, Map<string, number>>

const countersByKeyspace = new WeakMap<object, Counters>()

/**
 * Registers what a limiter counts in its store: limiters share the counters of policies that are named alike, as all are named
 * `default` that have no `policies`, for rules of one window. Where their limits differ that is hardly intended, so it warns.
 * Returns the removal.
 */
export function registerCounters(store: Store, policies: readonly Policy[]): () => void {
  const inUse = policies.filter(({ options }) => options.mode !== 'off')
  const removals = inUse.flatMap((policy) => {
    const counters = getOrAdd(
      countersByKeyspace,
      keyspaceOf(partOf(store, policy)),
      (): Counters => new Map(),
    )
    return policy.rules.map(({ identity, limit, capacity }) => {
      const name = `${policy.name} ${identity.text}`
      const limits = getOrAdd(counters, name, () => new Map<string, number>())
      const end = add(limits, `${limit} ${capacity}`)
      if (limits.size > 1) warn(policy.name)
      return () => {
        end()
        if (limits.size === 0) counters.delete(name)
      }
    })
  })
  return () => {
    for (const remove of removals.splice(0)) remove()
  }
}

function partOf(store: Store, { budget }: Policy): Store {
  // The shards of a Cluster have no names, and are one keyspace.
  if (!isPartitioned(store) || store.names === undefined) return store
  return store.parts[store.partOf({ budget, key: '' })] ?? store
}

function add(limits: Map<string, number>, limit: string): () => void {
  limits.set(limit, (limits.get(limit) ?? 0) + 1)
  return () => {
    const left = (limits.get(limit) ?? 0) - 1
    if (left > 0) limits.set(limit, left)
    else limits.delete(limit)
  }
}

function warn(policy: string): void {
  const what = `Two limiters with different limits count in one store under the policy name ${policy}`
  const fix = 'give each policy a name of its own, or its store another prefix'
  warnOnce('HEADGATE_SHARED_COUNTER', `${what}, so that they share their counters; ${fix}`)
}
