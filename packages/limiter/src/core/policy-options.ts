import type { Duration } from './duration.ts'
import type { OnStoreError } from './on-store-error.ts'
import type { RuleOptions } from './rule.ts'

/**
 * Which requests a policy is for: every attribute named must have one of its values. `path` takes patterns over the
 * normalised path: `*` is one segment, `**` any number of them.
 */
export type Match = { readonly [attribute: string]: string | number | readonly (string | number)[] }

/** Other numbers for some requests of a policy. */
export interface OverrideOptions {
  readonly match: Match
  /** Fields to replace, by the name of the rule. */
  readonly rules: { readonly [rule: string]: Partial<Omit<RuleOptions, 'name'>> }
}

/** One policy as the user writes it. */
export interface PolicyOptions {
  /** Names the policy in decisions, headers and keys. */
  readonly name: string
  /**
   * Requests it is for.
   * @default all
   */
  readonly match?: Match
  /**
   * Attribute whose budget is spent, or several of them; `global` is one budget for everybody. A request without
   * the attribute is counted by its `ip`.
   * @default 'key', which a plain string stands for
   */
  readonly key?: string | readonly string[]
  /** One or more limits, all of which must pass. */
  readonly rules: readonly (RuleOptions | string)[]
  /** Other numbers for some requests; the first that matches applies. */
  readonly overrides?: readonly OverrideOptions[]
  /** Of the matching policies of one group only the one with the highest priority applies. */
  readonly choose?: { readonly group: string; readonly priority: number }
  /**
   * `off` switches the policy off.
   * @default 'enforce'
   */
  readonly mode?: 'enforce' | 'off'
  /**
   * What decides while the store cannot: a share of the limits in this process, everybody passes, or nobody does.
   * Without effect on a store that cannot fail.
   * @default that of the limiter, 'local'
   */
  readonly onStoreError?: OnStoreError
  /**
   * Lets a process take up to `max` units of a busy key in one step and spend them without asking the store, for
   * `lifetime`: in any interval t no more is admitted than the rules allow in t + lifetime. Without effect on a store
   * that answers at once.
   */
  readonly lease?: LeaseOptions
  /**
   * Where its budgets are spent, of stores that were given as `namedStores` of `headgate/resilience`.
   * @default the first of them
   */
  readonly store?: string
}

/** Attribute → values that a list names, each attribute by itself; of `ip` addresses and networks, such as `10.0.0.0/8`. */
export type AccessList = { readonly [attribute: string]: readonly (string | number)[] }

/** Requests that pass, or are denied, before any policy is asked; `deny` wins. */
export interface AccessOptions {
  readonly allow?: AccessList
  readonly deny?: AccessList
}

/** How much may be taken in one step, and for how long. */
export interface LeaseOptions {
  readonly max: number
  /** @default '200ms' */
  readonly lifetime?: Duration
}
