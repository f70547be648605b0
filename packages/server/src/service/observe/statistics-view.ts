import type { DecisionVerb, Health } from 'headgate'
import type { Visibility } from '../access/visibility.ts'
import type { BudgetsOf } from './budgets-of.ts'
import { type LatencyView, latencyView, mergeLatencies } from './latency-window.ts'
import { type OutcomeCounts, sumOf } from './outcome-counts.ts'
import type { RateView } from './recent-rates.ts'
import type { CountsByRule, RuleCounts } from './rule-counts.ts'
import { type DecisionSource, SOURCES, type StatisticsPart } from './statistics.ts'

/** Decisions that a policy made: its rule was the binding one, or only counts. */
export interface PolicyCounts extends OutcomeCounts {
  /** Null: the lists, or none matched. */
  readonly policy: string | null
  /** Those of its rules that denied, or would have; most first. */
  readonly rules: readonly RuleDenials[]
}

/** What one rule denied. Null: rules that came with calls, once many have, and those that are no longer there. */
export interface RuleDenials extends RuleCounts {
  readonly rule: string | null
}

/** What this process has done since it started. Null: not for this caller to know. */
export interface Statistics extends OutcomeCounts {
  /** In milliseconds since 1970. */
  readonly since: number
  readonly totalRequests: number
  /** Decided by the store, by a lease or the deny cache before it. */
  readonly storeRequests: number | null
  /** Decided without the store, which did not answer. */
  readonly fallbackRequests: number | null
  /** Requests that ended with an error of ours. */
  readonly errors: number | null
  /** Of these, and of those decided without it, the ones that wanted the store. */
  readonly storeErrors: number | null
  /** Decisions in which a policy was the binding one. */
  readonly policyHits: number
  /** Over the last one to two minutes; 0 where there was none. */
  readonly averageLatencyMs: number | null
  readonly storeAvailable: boolean
  readonly activePolicies: number
  readonly bySource: Readonly<Record<DecisionSource, number>> | null
  readonly byTransport: Readonly<Record<string, number>> | null
  readonly byVerb: Readonly<Partial<Record<DecisionVerb, number>>> | null
  readonly latency: Readonly<Partial<Record<DecisionSource, LatencyView>>> | null
  readonly rates: readonly RateView[] | null
  readonly policies: readonly PolicyCounts[]
}

/** What statistics are made of. */
export interface StatisticsParts {
  readonly part: StatisticsPart
  readonly health: Health
  readonly rates: readonly RateView[]
  readonly budgets: Pick<BudgetsOf, 'policy' | 'names'>
}

const OF_STORE: readonly DecisionSource[] = ['store', 'lease', 'deny-cache']
const WITHOUT_STORE: readonly DecisionSource[] = ['fallback', 'open', 'closed']

/** What was counted, as somebody may see it. */
export function statisticsView(
  visibility: Visibility,
  { part, health, rates, budgets }: StatisticsParts,
): Statistics {
  const { isAll } = visibility
  const reaches = (policy: string): boolean => visibility.reaches(policy, budgets.policy(policy))
  const policies = [...part.policies]
    .map(([policy, { rules, ...counts }]) => ({ policy, ...counts, rules: denialsByRule(rules) }))
    .filter(({ policy }) => (policy === null ? isAll : reaches(policy)))
  const { allowed, denied, shadowDenied } = isAll ? part.total : sumOf(policies)
  const bySource = Object.fromEntries(
    SOURCES.map((source) => [source, part.sources.get(source)?.count ?? 0]),
  ) as Record<DecisionSource, number>
  const ofSources = (sources: readonly DecisionSource[]): number =>
    sources.reduce((sum, source) => sum + bySource[source], 0)
  const hits = sumOf(policies.filter(({ policy }) => policy !== null))
  return {
    since: part.since,
    totalRequests: allowed + denied,
    allowed,
    denied,
    shadowDenied,
    storeRequests: isAll ? ofSources(OF_STORE) : null,
    fallbackRequests: isAll ? ofSources(WITHOUT_STORE) : null,
    errors: isAll ? part.errors : null,
    storeErrors: isAll ? part.storeErrors + ofSources(WITHOUT_STORE) : null,
    policyHits: hits.allowed + hits.denied,
    averageLatencyMs: isAll ? averageMs(part) : null,
    storeAvailable: health.breaker === 'closed',
    activePolicies: budgets.names().filter(reaches).length,
    bySource: isAll ? bySource : null,
    byTransport: isAll ? Object.fromEntries(part.transports) : null,
    byVerb: isAll ? Object.fromEntries(part.verbs) : null,
    latency: isAll ? latenciesOf(part) : null,
    rates: isAll ? rates : null,
    policies,
  }
}

function denialsByRule(rules: CountsByRule): RuleDenials[] {
  const views = [...rules].map(([rule, counts]) => ({ rule, ...counts }))
  const byName = (a: RuleDenials, b: RuleDenials): number => (String(a.rule) < String(b.rule) ? -1 : 1)
  return views.sort((a, b) => b.denied - a.denied || b.shadowDenied - a.shadowDenied || byName(a, b))
}

function averageMs({ sources }: StatisticsPart): number {
  return latencyView(mergeLatencies([...sources.values()].map(({ latency }) => latency)))?.averageMs ?? 0
}

function latenciesOf({ sources }: StatisticsPart): Partial<Record<DecisionSource, LatencyView>> {
  const views = [...sources].flatMap(([source, { latency }]) => {
    const view = latencyView(latency)
    return view === null ? [] : [[source, view] as const]
  })
  return Object.fromEntries(views)
}
