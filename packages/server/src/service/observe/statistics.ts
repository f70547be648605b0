import type { Decision, DecisionVerb } from 'headgate'
import type { DecisionMade, RequestFailed } from '../events.ts'
import { type LatencyPart, LatencyWindow, mergeLatencies } from './latency-window.ts'
import type { RateTotals } from './recent-rates.ts'

/** What a decision came from. */
export type DecisionSource = Decision['source']

/** Decisions by how they ended; each is one of the first two, and may be the third besides. */
export interface OutcomeCounts {
  readonly allowed: number
  readonly denied: number
  /** Those that rules would have denied which only count. */
  readonly shadowDenied: number
}

/** What was counted of requests, as plain data: of a thread, or of several. */
export interface StatisticsPart {
  /** In milliseconds since 1970. */
  readonly since: number
  readonly total: OutcomeCounts
  /** By the binding policy: names of configurations, and those of wires. Null: the lists, or none matched. */
  readonly policies: ReadonlyMap<string | null, OutcomeCounts>
  readonly sources: ReadonlyMap<DecisionSource, { readonly count: number; readonly latency: LatencyPart }>
  readonly transports: ReadonlyMap<string, number>
  readonly verbs: ReadonlyMap<DecisionVerb, number>
  readonly errors: number
  readonly storeErrors: number
}

type Counts = { -readonly [name in keyof OutcomeCounts]: OutcomeCounts[name] }

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
  readonly #policies = new Map<string | null, Counts>()
  readonly #sources = new Map<DecisionSource, { count: number; readonly latency: LatencyWindow }>(
    SOURCES.map((source) => [source, { count: 0, latency: new LatencyWindow() }]),
  )
  readonly #transports = new Map<string, number>()
  readonly #verbs = new Map<DecisionVerb, number>()
  readonly #total: Counts = none()
  #errors = 0
  #storeErrors = 0
  #seconds = 0

  constructor(now: number) {
    this.#since = now
  }

  decided({ decision, transport, verb, durationMs }: DecisionMade): void {
    const { allowed, policy, source, shadow } = decision
    const outcome = allowed ? 'allowed' : 'denied'
    this.#total[outcome]++
    this.#countsOf(policy)[outcome]++
    for (const view of shadow) {
      if (!view.allowed) this.#countsOf(view.policy).shadowDenied++
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

  /** Counts what policies did that are no longer there, as `isKnown` says, as that of none. */
  forget(isKnown: (policy: string) => boolean): void {
    const kept = withoutPolicies(this.#policies, isKnown)
    this.#policies.clear()
    for (const [name, counts] of kept) this.#policies.set(name, { ...counts })
  }

  totals(): RateTotals {
    const { allowed, denied } = this.#total
    return { decisions: allowed + denied, denied, errors: this.#errors }
  }

  part(): StatisticsPart {
    return {
      since: this.#since,
      total: { ...this.#total },
      policies: new Map([...this.#policies].map(([policy, counts]) => [policy, { ...counts }])),
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

  #countsOf(policy: string | null): Counts {
    const known = this.#policies.get(policy)
    if (known !== undefined) return known
    const counts = none()
    this.#policies.set(policy, counts)
    return counts
  }
}

/** What one would have counted to whom all of it had happened. */
export function mergeStatistics(parts: readonly StatisticsPart[]): StatisticsPart {
  return {
    since: Math.min(...parts.map(({ since }) => since)),
    total: sumOf(parts.map(({ total }) => total)),
    policies: mergeBy(
      parts.map(({ policies }) => policies),
      sumOf,
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

/** Counts by policy; those of policies that are not known are counted as of none. */
export function withoutPolicies(
  policies: StatisticsPart['policies'],
  isKnown: (policy: string) => boolean,
): StatisticsPart['policies'] {
  const named = [...policies].map(([policy, counts]) => {
    return new Map([[policy !== null && isKnown(policy) ? policy : null, counts]])
  })
  return mergeBy(named, sumOf)
}

export function sumOf(all: readonly OutcomeCounts[]): OutcomeCounts {
  const sum = none()
  for (const { allowed, denied, shadowDenied } of all) {
    sum.allowed += allowed
    sum.denied += denied
    sum.shadowDenied += shadowDenied
  }
  return sum
}

function none(): Counts {
  return { allowed: 0, denied: 0, shadowDenied: 0 }
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0)
}

function mergeBy<K, V>(maps: readonly ReadonlyMap<K, V>[], merge: (all: readonly V[]) => V): Map<K, V> {
  const all = new Map<K, V[]>()
  for (const [key, value] of maps.flatMap((map) => [...map])) all.set(key, [...(all.get(key) ?? []), value])
  return new Map([...all].map(([key, values]) => [key, merge(values)]))
}
