import type { OnStoreError } from './on-store-error.ts'
import type { Rule } from './rule.ts'

/** The compiled rules of one policy, or of one of its overrides: a key has state for each of them. */
export interface Budget {
  /** Name of the policy: keys of different policies are apart. */
  readonly policy: string
  /** Rules that the store evaluates, in the order of their verdicts; those with a limit of 0 are left out. */
  readonly rules: readonly Rule[]
  /** The first rule with a limit of 0, which denies everything without the store; null when there is none. */
  readonly denyingRule: Rule | null
  /**
   * Ids of the state identities of the policy, its overrides included. A bucket's state under a key whose id is not among them
   * belongs to a rate that was removed; the new rate of the same name begins with what that one has used.
   */
  readonly inForce: ReadonlySet<number>
  /** What decides while the store does not answer; absent: the limiter's default. */
  readonly onStoreError?: OnStoreError | undefined
  /** Most units of a lease, and its lifetime in microseconds; absent: every decision goes to the store. */
  readonly lease?: { readonly max: number; readonly lifetimeUs: number } | undefined
  /**
   * Microseconds of the ban after the first offence, the second in a row, and so on; the last also after all later ones.
   * Absent: denials are no offences.
   */
  readonly bans?: readonly number[] | undefined
  /** Name of the store that holds its state, where there are several; absent: the first. */
  readonly store?: string | undefined
  /** Id of the fallback that holds its state while the store fails; absent in the store itself. */
  readonly fallbackId?: string
}

/** Makes a budget of compiled rules; `inForce` are all rules of the policy, its overrides' included. */
export function budgetOf(policy: string, rules: readonly Rule[], inForce: readonly Rule[] = rules): Budget {
  return {
    policy,
    rules: rules.filter(({ denies }) => !denies),
    denyingRule: rules.find(({ denies }) => denies) ?? null,
    inForce: new Set(inForce.map(({ identity }) => identity.id)),
  }
}
