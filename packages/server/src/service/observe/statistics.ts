import type { Decision, DecisionVerb } from 'headgate'
import type { DecisionMade, RequestFailed } from '../events.ts'
import { type LatencyPart, LatencyWindow, mergeLatencies } from './latency-window.ts'
import { noOutcomes, type OutcomeBook, type OutcomeCounts, sumOf } from './outcome-counts.ts'
import type { RateTotals } from './recent-rates.ts'
import { type CountsByRule, mergeRules, RuleBook, withoutRules } from './rule-counts.ts'

/** What a decision came from. */
export type DecisionSource = Decision['source']

/** Decisions of which a policy's rule was the binding one, or only counted. */
export interface PolicyPart extends OutcomeCounts {
  readonly rules: CountsByRule
}

/** The names of all rules of a policy; undefined for one that is no longer there. */
export type RulesOf = (policy: string) => ReadonlySet<string> | undefined

/** What was counted of requests, as plain data: of a thread, or of several. */
export interface StatisticsPart {
  /** In milliseconds since 1970. */
  readonly since: number
  readonly total: OutcomeCounts
  /** By the binding policy: names of configurations, and those of wires. Null: the lists, or none matched. */
  readonly policies: ReadonlyMap<string | null, PolicyPart>
  readonly sources: ReadonlyMap<DecisionSource, { readonly count: number; readonly latency: LatencyPart }>
  readonly transports: ReadonlyMap<string, number>
  readonly verbs: ReadonlyMap<DecisionVerb, number>
  readonly errors: number
  readonly storeErrors: number
}

interface PolicyBook {
  readonly counts: OutcomeBook
  readonly rules: RuleBook
}

export const SOURCES: readonly DecisionSource[] = [
  'store',
  'lease',
  'deny-cache',
  'fallback',
  'open',
  'closed',
  'none',
]

const LATENCY_SLOT_S = 60

/** Counts what happens; a decision costs a few increments. */
export class StatisticsBook {
  readonly #since: number
  readonly #policies = new Map<string | null, PolicyBook>()
  readonly #sources = new Map<DecisionSource, { count: number; readonly latency: LatencyWindow }>(
    SOURCES.map((source) => [source, { count: 0, latency: new LatencyWindow() }]),
  )
  readonly #transports = new Map<string, number>()
  readonly #verbs = new Map<DecisionVerb, number>()
  readonly #total: OutcomeBook = noOutcomes()
  #errors = 0
  #storeErrors = 0
  #seconds = 0

  constructor(now: number) {
    this.#since = now
  }

  decided({ decision, transport, verb, durationMs }: DecisionMade): void {
    const { allowed, policy, rule, source, shadow } = decision
    const outcome = allowed ? 'allowed' : 'denied'
    this.#total[outcome]++
    const { counts, rules } = this.#bookOf(policy)
    counts[outcome]++
    if (!allowed && rule !== null) rules.add(rule, 'denied')
    for (const view of shadow) {
      if (!view.allowed) this.#shadowDenied(view)
    }
    if (shadow.some((view) => !view.allowed)) this.#total.shadowDenied++
    const bySource = this.#sources.get(source) as { count: number; latency: LatencyWindow }
    bySource.count++
    bySource.latency.add(durationMs)
    this.#transports.set(transport, (this.#transports.get(transport) ?? 0) + 1)
    this.#verbs.set(verb, (this.#verbs.get(verb) ?? 0) + 1)
  }

  failed({ failure: { isCallers, code } }: RequestFailed): void {
    if (isCallers) return
    this.#errors++
    if (code === 'store-unavailable') this.#storeErrors++
  }

  /** A second has passed. */
  tick(): void {
    this.#seconds++
    if (this.#seconds % LATENCY_SLOT_S !== 0) return
    for (const { latency } of this.#sources.values()) latency.rotate()
  }

  /** Counts what policies did that are no longer there as that of none, and of rules that are gone as that of none of theirs. */
  forget(rulesOf: RulesOf): void {
    const kept = withoutPolicies(this.#policiesPart(), rulesOf)
    this.#policies.clear()
    for (const [name, { rules, ...counts }] of kept) {
      this.#policies.set(name, { counts, rules: new RuleBook(rules) })
    }
  }

  totals(): RateTotals {
    const { allowed, denied, shadowDenied } = this.#total
    return { decisions: allowed + denied, denied, shadowDenied, errors: this.#errors }
  }

  part(): StatisticsPart {
    return {
      since: this.#since,
      total: { ...this.#total },
      policies: this.#policiesPart(),
      sources: new Map(
        [...this.#sources].map(([source, { count, latency }]) => [
          source,
          { count, latency: latency.part() },
        ]),
      ),
      transports: new Map(this.#transports),
      verbs: new Map(this.#verbs),
      errors: this.#errors,
      storeErrors: this.#storeErrors,
    }
  }

  #shadowDenied({ policy, rule }: DecisionMade['decision']['shadow'][number]): void {
    const { counts, rules } = this.#bookOf(policy)
    counts.shadowDenied++
    rules.add(rule, 'shadowDenied')
  }

  #policiesPart(): StatisticsPart['policies'] {
    return new Map(
      [...this.#policies].map(([policy, { counts, rules }]) => [policy, { ...counts, rules: rules.part() }]),
    )
  }

  #bookOf(policy: string | null): PolicyBook {
    const book = this.#policies.get(policy) ?? { counts: noOutcomes(), rules: new RuleBook() }
    this.#policies.set(policy, book)
    return book
  }
}

/** What one would have counted to whom all of it had happened. */
export function mergeStatistics(parts: readonly StatisticsPart[]): StatisticsPart {
  return {
    since: Math.min(...parts.map(({ since }) => since)),
    total: sumOf(parts.map(({ total }) => total)),
    policies: mergeBy(
      parts.map(({ policies }) => policies),
      sumOfPolicy,
    ),
    sources: mergeBy(
      parts.map(({ sources }) => sources),
      (all) => ({
        count: all.reduce((sum, { count }) => sum + count, 0),
        latency: mergeLatencies(all.map(({ latency }) => latency)),
      }),
    ),
    transports: mergeBy(
      parts.map(({ transports }) => transports),
      total,
    ),
    verbs: mergeBy(
      parts.map(({ verbs }) => verbs),
      total,
    ),
    errors: total(parts.map(({ errors }) => errors)),
    storeErrors: total(parts.map(({ storeErrors }) => storeErrors)),
  }
}

/** Of a thread that has ended: what it counted since the start, without what was about the last minutes. */
export function endedStatistics(part: StatisticsPart): StatisticsPart {
  const latency = new LatencyWindow().part()
  const sources = new Map([...part.sources].map(([source, { count }]) => [source, { count, latency }]))
  return { ...part, sources }
}

/** Counts by policy; those of policies that are no longer there are counted as of none. */
export function withoutPolicies(
  policies: StatisticsPart['policies'],
  rulesOf: RulesOf,
): StatisticsPart['policies'] {
  const named = [...policies].map(([policy, counts]) => {
    const names = policy === null ? undefined : rulesOf(policy)
    const rules: CountsByRule = names === undefined ? new Map() : withoutRules(counts.rules, names)
    return new Map([[names === undefined ? null : policy, { ...counts, rules }]])
  })
  return mergeBy(named, sumOfPolicy)
}

function sumOfPolicy(all: readonly PolicyPart[]): PolicyPart {
  return { ...sumOf(all), rules: mergeRules(all.map(({ rules }) => rules)) }
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0)
}

function mergeBy<K, V>(maps: readonly ReadonlyMap<K, V>[], merge: (all: readonly V[]) => V): Map<K, V> {
  const all = new Map<K, V[]>()
  for (const [key, value] of maps.flatMap((map) => [...map])) all.set(key, [...(all.get(key) ?? []), value])
  return new Map([...all].map(([key, values]) => [key, merge(values)]))
}
