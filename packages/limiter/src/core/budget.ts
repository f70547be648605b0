import type { OnStoreError } from './guard.ts'
import type { Rule } from './rule.ts'

/** The rules of one policy, compiled: what the state under one key is made of. */
export interface Budget {
  /** Name of the policy, part of every key's identity. */
  readonly policy: string
  /** Rules the store judges, in the order of their verdicts. */
  readonly rules: readonly Rule[]
  /** The first rule with a limit of 0, which denies everything by itself; null when there is none. */
  readonly closed: Rule | null
  /** The rules as the store writes them before their state: equal plans read each other's state as it is. */
  readonly plan: string
  /** What decides while the store cannot; absent where the limiter's default does. */
  readonly onStoreError?: OnStoreError | undefined
  /** How many units a process may take ahead in one step, and for how long; absent where every decision goes to the store. */
  readonly lease?: { readonly max: number; readonly lifetimeUs: number } | undefined
  /** Which of several named stores it is spent in; absent: the first. */
  readonly store?: string | undefined
  /** Names the stand-in of a store in which this budget is spent; absent in the store itself. */
  readonly place?: string
}

/** Joins compiled rules into a budget. */
export function budgetOf(policy: string, rules: readonly Rule[]): Budget {
  const open = rules.filter((rule) => rule.open)
  return {
    policy,
    rules: open,
    closed: rules.find((rule) => !rule.open) ?? null,
    plan: planOf(open),
  }
}

/** Writes rules as `H1`, the version of the format, a line for each, and an empty line. */
export function planOf(rules: readonly Rule[]): string {
  return `H1\n${rules.map((rule) => `${rule.line}\n`).join('')}\n`
}
