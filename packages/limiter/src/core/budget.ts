import type { OnStoreError } from './on-store-error.ts'
import type { Rule } from './rule.ts'

/** The rules of one policy, compiled: what the state under one key is made of. */
export interface Budget {
  /** Name of the policy, part of every key's identity. */
  readonly policy: string
  /** Rules the store judges, in the order of their verdicts. */
  readonly rules: readonly Rule[]
  /** The first rule with a limit of 0, which denies everything by itself; null when there is none. */
  readonly denyingRule: Rule | null
  /**
   * Ids of the state identities in force in the configuration that asks, its overrides' included: a rate that is none
   * of them is no longer in force, and a new rate of its name begins with what it has used.
   */
  readonly inForce: ReadonlySet<number>
  /** What decides while the store cannot; absent where the limiter's default does. */
  readonly onStoreError?: OnStoreError | undefined
  /** How many units a process may take ahead in one step, and for how long; absent where every decision goes to the store. */
  readonly lease?: { readonly max: number; readonly lifetimeUs: number } | undefined
  /** Which of several named stores it is spent in; absent: the first. */
  readonly store?: string | undefined
  /** Names the fallback in which this budget is spent in place of a store; absent in the store itself. */
  readonly fallbackId?: string
}

/** Joins compiled rules into a budget; `inForce` are rules of the same policy that others are asked by. */
export function budgetOf(policy: string, rules: readonly Rule[], inForce: readonly Rule[] = rules): Budget {
  return {
    policy,
    rules: rules.filter(({ denies }) => !denies),
    denyingRule: rules.find(({ denies }) => denies) ?? null,
    inForce: new Set(inForce.map(({ identity }) => identity.id)),
  }
}
