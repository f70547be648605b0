import type { OnStoreError } from './on-store-error.ts'
import type { Rule } from './rule.ts'

/** The compiled rules of one policy, or of one of its overrides: a key has state for each of them. */
export interface Budget {
  /** Name of the policy: keys of different policies are apart. */
  readonly policy: string
  /** Rules that the store evaluates, in the order of their verdicts; those with a limit of 0 are left out. */
  readonly rules: readonly Rule[]
  /**
   * False where the policy is in shadow: its rules deny nothing, and spend together where all of them pass and the decision
   * admits the request.
   */
  readonly enforces: boolean
  /** Whether a request passes while one unit is left, and then spends its whole cost, into debt. */
  readonly overdraw: boolean
  /** Whether it has anything that counts without denying: the whole budget, or rules in shadow. */
  readonly hasShadow: boolean
  /** The first rule with a limit of 0, which denies everything without the store; null when there is none. */
  readonly denyingRule: Rule | null
  /** Rules in shadow with a limit of 0: without the store it is known that they would deny. */
  readonly denyingShadows: readonly Rule[]
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

/** What a budget is made of beside its rules. */
export interface BudgetOptions extends Partial<Pick<Budget, 'enforces' | 'overdraw'>> {
  /** All rules of the policy, its overrides' included. */
  readonly inForce?: readonly Rule[]
}

/** Makes a budget of compiled rules, which enforces its limits and has only these in force unless the options say otherwise. */
export function budgetOf(
  policy: string,
  rules: readonly Rule[],
  { inForce = rules, enforces = true, overdraw = false }: BudgetOptions = {},
): Budget {
  const denying = rules.filter(({ denies, shadow }) => denies && !shadow)
  // Rules in shadow that spend together never do where one of them has a limit of 0.
  const isNever = !enforces && denying.length > 0
  return {
    policy,
    rules: rules.filter(({ denies, shadow }) => !denies && (shadow || !isNever)),
    enforces,
    overdraw,
    hasShadow: !enforces || rules.some(({ shadow }) => shadow),
    denyingRule: (enforces ? denying[0] : undefined) ?? null,
    denyingShadows: rules.filter(({ denies, shadow }) => denies && (shadow || !enforces)),
    inForce: new Set(inForce.map(({ identity }) => identity.id)),
  }
}

/** The units that have to be there for a cost to pass: all of them, or with `overdraw` one. */
export function neededUnits({ overdraw }: Budget, cost: number): number {
  return overdraw && cost > 1 ? 1 : cost
}
