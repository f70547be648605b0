import type { Duration } from './duration.ts'
import type { OnStoreError } from './on-store-error.ts'
import type { HeaderFields, ResponseOptions } from './policy-answer.ts'
import type { RuleOptions } from './rule.ts'

/**
 * Which requests a policy applies to: every attribute in it must have one of the listed values. Values of `path` are patterns
 * for the normalised path, in which `*` is one segment and `**` any number of segments: `/users/*` matches `/users/7`. In other
 * values `*` is any text: `eu-*`, and `*` alone asks only that the attribute is there. Values of `ip` are addresses and
 * networks, such as `10.0.0.0/8`. `descriptor` is a list of entries: `[{ tenant: 'acme' }, 'route']` matches descriptors of these
 * two keys, in this order and no more, where `tenant` is `acme`.
 */
export type Match = { readonly [attribute: string]: MatchValues | readonly DescriptorMatch[] }

/** The values that an attribute may have. */
export type MatchValues = string | number | readonly (string | number)[]

/** One entry of a descriptor: its key, or its key with the values that it may have. */
export type DescriptorMatch = string | { readonly [key: string]: MatchValues }

/** Changes to the rules of a policy for some of its requests. */
export interface OverrideOptions {
  /** The requests. */
  readonly match: Match
  /** Fields to change, by the name of the rule: `{ '1m': { limit: '500/min' } }`. */
  readonly rules: { readonly [rule: string]: Partial<Omit<RuleOptions, 'name'>> }
}

/** How a policy is chosen from a group; one of `priority` and `by`, the same for all of the group. Among equals the first applies. */
export interface ChooseOptions {
  /** Name of the group. */
  readonly group: string
  /** A whole number; the highest applies. */
  readonly priority?: number
  /**
   * `path`: the policy whose path pattern is the most specific one applies. That is the pattern with the most literal segments;
   * of several, the one with the most `*`; then the one with the fewest `**`: `/a/b` before `/a/*`, `/a`, `/a/**`, `/**` and no path.
   */
  readonly by?: 'path'
}

/** Rules in shadow beside those of a policy. */
export interface ShadowOptions {
  /**
   * Fields to change, by the name of the rule: `{ '1m': { limit: '60/min' } }` counts by 60 per minute as the rule `1m~shadow`.
   * Where an override or the call has numbers of its own for a rule, none is beside it.
   */
  readonly rules: { readonly [rule: string]: Partial<Omit<RuleOptions, 'name'>> }
  /**
   * The share of keys for which these rules decide, and the ones that they are beside count. A key that is in at 10% is in at
   * 20%.
   * @default '0%'
   */
  readonly rollout?: string
}

/** One policy: which requests, whose budget, and its rules. */
export interface PolicyOptions {
  /** Name of the policy in decisions, headers and keys; at most 64 characters. */
  readonly name: string
  /**
   * Requests that it applies to.
   * @default all requests
   */
  readonly match?: Match
  /**
   * Attribute that has a budget per value, or up to 16 of them for a budget per combination; `global` is one budget for
   * everybody. `missing` says what becomes of a request without the attribute.
   * @default 'key', the attribute that a plain string stands for
   */
  readonly key?: string | readonly string[]
  /**
   * What becomes of a request that lacks an attribute of `key`: `ip` counts it by its `ip`, apart from all other keys, and
   * refuses it without one; `skip` does not apply the policy to it; `refuse` rejects the call with `invalid-key`.
   * @default 'ip'
   */
  readonly missing?: 'ip' | 'skip' | 'refuse'
  /**
   * How many leading bits of an `ip` of IPv6 make a key, from 32 to 128: whoever has one address has a whole network of them. By
   * 56, `2001:db8:1:2ff::1` and `2001:db8:1:200::2` have one budget. Lists and `match` see the whole address.
   * @default 56
   */
  readonly ipv6Prefix?: number
  /**
   * Units that a call without a `cost` spends from this policy: a number, or the name of an attribute that has the number.
   * With `cost: 'tokens'`, a request whose attribute `tokens` is 300 spends 300, and one without it 1.
   * @default 1
   */
  readonly cost?: number | string
  /** 1 to 32 rules, all of which have to pass; a text such as `100/min` is a rule with that limit. */
  readonly rules: readonly (RuleOptions | string)[]
  /**
   * Changes for some requests; the first override that matches applies.
   * @default none
   */
  readonly overrides?: readonly OverrideOptions[]
  /**
   * Makes it one of a group, of which only one policy applies: of those that match, are not `off`, and have their key, the one
   * with the highest priority, or the most specific path.
   * @default applies whenever it matches
   */
  readonly choose?: ChooseOptions
  /**
   * `shadow` counts requests and denies none, so that switching it to `enforce` keeps what was spent; what it would have
   * answered is in `decision.shadow`. `off` switches the policy off.
   * @default 'enforce'
   */
  readonly mode?: 'enforce' | 'shadow' | 'off'
  /**
   * The share of keys for which the policy is in force, such as `10%`; for the other keys it is in shadow. A key that is in at
   * 10% is in at 20%.
   * @default '100%'
   */
  readonly rollout?: string
  /**
   * Other numbers for some of its rules, counted beside them without denying anything.
   * @default none
   */
  readonly shadow?: ShadowOptions
  /**
   * Whether a call passes while one unit is left, and then spends its whole cost, into debt: for costs that are known late.
   * With `100/min` of which 1 is left, a call of cost 40 passes, and 39 units are owed.
   * A bucket pays them back at its rate; the debt of a window ends with the window, so that one call in each can cost anything.
   * Takes no lease.
   * @default false
   */
  readonly overdraw?: boolean
  /**
   * What decides while the store does not answer: this process by its share of the limits (`local`), or every request passes
   * (`open`) or is denied (`closed`). Without effect on a store in this process.
   * @default that of the limiter, which is 'local' by default
   */
  readonly onStoreError?: OnStoreError
  /**
   * Lets a process acquire up to `max` units of a busy key at once and spend them without the store for `lifetime`. In any
   * interval t at most what the rules admit in t + lifetime passes: with 200 ms, a minute admits what the rules alone admit
   * in 60.2 s. Without effect on a store in this process.
   * @default no lease: every decision goes to the store
   */
  readonly lease?: LeaseOptions
  /**
   * Header fields, up to 16, of every response to a request that it judged. They reach the client by `answerTo` of
   * `headgate/http` and by the service.
   * @default none
   */
  readonly headers?: HeaderFields
  /**
   * The response to a request that it denies, where it is the binding policy; reaches the client as `headers` do.
   * @default 429 with a body that the server chooses
   */
  readonly response?: ResponseOptions
  /**
   * Bans a key after denials: for the first duration after its first offence, the second after the next one, and so on; the
   * last also after all later ones. An offence is a `consume` or `reserve` that this policy's own rules deny as `limited`, the
   * first since the key was last spent from. After the longest of the durations without an offence, from the end of the
   * last ban on, the count begins anew.
   * Such a policy takes no lease.
   * @default denials have no consequences
   */
  readonly ban?: readonly Duration[]
  /**
   * Name of the store that holds its budgets, one of those passed to `namedStores` of `headgate/resilience`.
   * @default the first of them
   */
  readonly store?: string
}

/**
 * Values by attribute, each of which puts a request on the list by itself: `{ ip: ['10.0.0.0/8'], user: 'root' }` lists these
 * addresses and this user. Or matches, all attributes of which a request has to have:
 * `[{ method: 'POST', path: '/admin/**' }]`. Both in the language of {@link Match}.
 */
export type AccessList = Match | readonly Match[]

/** Lists of requests that are decided without policies. */
export interface AccessOptions {
  /**
   * Requests that always pass.
   * @default none
   */
  readonly allow?: AccessList
  /**
   * Requests that are always denied, also where they are on `allow`.
   * @default none
   */
  readonly deny?: AccessList
}

/** Size and lifetime of leases. */
export interface LeaseOptions {
  /** Most units acquired at once; a whole number ≥ 1. */
  readonly max: number
  /**
   * How long acquired units may be spent; units left over are given back.
   * @default '200ms'
   */
  readonly lifetime?: Duration
}
