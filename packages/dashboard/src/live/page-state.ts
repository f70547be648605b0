/** What the page knows, and how events change it: plain data. */
import type {
  ConfigurationChange,
  Denial,
  Health,
  ListedPolicy,
  Policies,
  Rejected,
  Second,
  Snapshot,
} from './admin-answers.ts'
import { followRules, type RuleTable } from './denied-rules.ts'
import type { ServerEvent } from './parse-events.ts'
import { appendSeconds, secondBetween } from './seconds.ts'

/** How the page is connected. Times are in milliseconds since 1970. */
export type Connection =
  | { readonly status: 'connecting' }
  | { readonly status: 'live' }
  /** Tried again at `nextAt`. */
  | {
      readonly status: 'lost'
      readonly reason: string
      readonly lastAt: number | null
      readonly nextAt: number
    }
  /** Until a person gives a token, or another one: `reason` is why the one there is will not do. */
  | { readonly status: 'refused'; readonly reason: string; readonly hasToken: boolean }

/** A reset, block or change of policies that somebody made, as the service tells it. */
export interface Happening {
  readonly at: number
  readonly event: string
  readonly data: Readonly<Record<string, unknown>>
}

export interface PageState {
  readonly connection: Connection
  readonly snapshot: Snapshot | null
  /** Oldest first. */
  readonly seconds: readonly Second[]
  readonly rules: RuleTable
  /** Newest first. */
  readonly denials: readonly Denial[]
  /** Newest first. */
  readonly happenings: readonly Happening[]
  readonly policies: ReadonlyMap<string, ListedPolicy>
  /** Whether all policies are in shadow. */
  readonly allInShadow: boolean
  /** Why a configuration that was offered is not in force; null: there is none such. */
  readonly rejected: Rejected | null
  readonly health: Health | null
  /** Newest first; null: not for this token. */
  readonly changes: readonly ConfigurationChange[] | null
}

/** Before anything is known. */
export const NOTHING_KNOWN: PageState = {
  connection: { status: 'connecting' },
  snapshot: null,
  seconds: [],
  rules: new Map(),
  denials: [],
  happenings: [],
  policies: new Map(),
  allInShadow: false,
  rejected: null,
  health: null,
  changes: [],
}

/** Most denials that are kept: what is further down nobody reads. */
export const DENIALS_MAX = 300
const HAPPENINGS_MAX = 30
const HAPPENINGS: readonly string[] = ['change', 'policy-change']

/** The state after an event of the service. Kinds that are unknown change nothing. */
export function afterEvent(state: PageState, { name, data }: ServerEvent): PageState {
  if (name === 'snapshot') return afterSnapshot(state, data as Snapshot)
  if (name === 'denial') return withDenials(state, [data as Denial])
  if (HAPPENINGS.includes(name)) {
    const happening = { at: (data as Happening).at, event: name, data: data as Happening['data'] }
    return { ...state, happenings: [happening, ...state.happenings].slice(0, HAPPENINGS_MAX) }
  }
  if (name === 'configuration') return { ...state, rejected: null }
  return state
}

function afterSnapshot(state: PageState, snapshot: Snapshot): PageState {
  const { snapshot: before } = state
  const second = before === null ? null : secondBetween(before, snapshot)
  const isFirst = before === null || before.since !== snapshot.since
  const growth = isFirst
    ? null
    : {
        denied: snapshot.denied - before.denied,
        shadowDenied: snapshot.shadowDenied - before.shadowDenied,
      }
  return {
    ...state,
    snapshot,
    seconds: second === null ? state.seconds : appendSeconds(state.seconds, [second]),
    rules: followRules(state.rules, snapshot, growth),
  }
}

/** Puts denials on top, each once. */
export function withDenials(state: PageState, newer: readonly Denial[]): PageState {
  const known = new Set(newer.map(({ id }) => id))
  const older = state.denials.filter(({ id }) => !known.has(id))
  return { ...state, denials: [...newer, ...older].slice(0, DENIALS_MAX) }
}

/** What the listing of policies says. */
export function withPolicies(state: PageState, { policies, rejected, runtime }: Policies): PageState {
  return {
    ...state,
    policies: new Map(policies.map((policy) => [policy.name, policy])),
    allInShadow: runtime?.shadow === true,
    rejected,
  }
}
