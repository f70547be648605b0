import type { Decision, DecisionVerb, Health } from 'headgate'
import type { Visibility } from '../access/visibility.ts'
import type { DecisionMade, RequestFailed } from '../events.ts'
import type { BudgetsOf } from './budgets-of.ts'
import { type LatencyView, LatencyWindow } from './latency-window.ts'
import { type RateView, RecentRates } from './recent-rates.ts'

type Source = Decision['source']

/** Decisions by how they ended; each is one of the first two, and may be the third besides. */
export interface OutcomeCounts {
  readonly allowed: number
  readonly denied: number
  /** Those that rules would have denied which only count. */
  readonly shadowDenied: number
}

/** Decisions that a policy made: its rule was the binding one, or only counts. */
export interface PolicyCounts extends OutcomeCounts {
  /** Null: the lists, or none matched. */
  readonly policy: string | null
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
  readonly bySource: Readonly<Record<Source, number>> | null
  readonly byTransport: Readonly<Record<string, number>> | null
  readonly byVerb: Readonly<Partial<Record<DecisionVerb, number>>> | null
  readonly latency: Readonly<Partial<Record<Source, LatencyView>>> | null
  readonly rates: readonly RateView[] | null
  readonly policies: readonly PolicyCounts[]
}

interface Counts {
  allowed: number
  denied: number
  shadowDenied: number
}

const SOURCES: readonly Source[] = ['store', 'lease', 'deny-cache', 'fallback', 'open', 'closed', 'none']
const OF_STORE: readonly Source[] = ['store', 'lease', 'deny-cache']
const WITHOUT_STORE: readonly Source[] = ['fallback', 'open', 'closed']

const LATENCY_SLOT_S = 60

/** Counts what happens; a decision costs a few increments. */
export class StatisticsBook {
  readonly #budgets: BudgetsOf
  readonly #since: number
  /** By the binding policy: names of configurations, and those of wires. */
  readonly #policies = new Map<string | null, Counts>()
  readonly #sources = new Map<Source, { count: number; readonly latency: LatencyWindow }>(
    SOURCES.map((source) => [source, { count: 0, latency: new LatencyWindow() }]),
  )
  readonly #all = new LatencyWindow()
  readonly #transports = new Map<string, number>()
  readonly #verbs = new Map<DecisionVerb, number>()
  readonly #rates = new RecentRates()
  readonly #total: Counts = { allowed: 0, denied: 0, shadowDenied: 0 }
  #errors = 0
  #storeErrors = 0
  #seconds = 0

  constructor(budgets: BudgetsOf, now: number) {
    this.#budgets = budgets
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
    this.#all.add(durationMs)
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
    const { allowed, denied } = this.#total
    this.#rates.push({ decisions: allowed + denied, denied, errors: this.#errors })
    this.#seconds++
    if (this.#seconds % LATENCY_SLOT_S !== 0) return
    for (const { latency } of this.#sources.values()) latency.rotate()
    this.#all.rotate()
  }

  /** Forgets policies that neither a configuration nor a wire has any more. */
  replace(): void {
    for (const [name, counts] of this.#policies) {
      if (name !== null && this.#budgets.policy(name) === undefined) {
        this.#policies.delete(name)
        const lost = this.#countsOf(null)
        lost.allowed += counts.allowed
        lost.denied += counts.denied
        lost.shadowDenied += counts.shadowDenied
      }
    }
  }

  view(visibility: Visibility, health: Health): Statistics {
    const policies = this.#seenPolicies(visibility)
    const { isAll } = visibility
    const { allowed, denied, shadowDenied } = isAll ? this.#total : sumOf(policies)
    const counts = Object.fromEntries(
      [...this.#sources].map(([source, { count }]) => [source, count]),
    ) as Record<Source, number>
    const ofSources = (sources: readonly Source[]): number =>
      sources.reduce((sum, source) => sum + counts[source], 0)
    const hits = sumOf(policies.filter(({ policy }) => policy !== null))
    return {
      since: this.#since,
      totalRequests: allowed + denied,
      allowed,
      denied,
      shadowDenied,
      storeRequests: isAll ? ofSources(OF_STORE) : null,
      fallbackRequests: isAll ? ofSources(WITHOUT_STORE) : null,
      errors: isAll ? this.#errors : null,
      storeErrors: isAll ? this.#storeErrors + ofSources(WITHOUT_STORE) : null,
      policyHits: hits.allowed + hits.denied,
      averageLatencyMs: isAll ? (this.#all.view()?.averageMs ?? 0) : null,
      storeAvailable: health.breaker === 'closed',
      activePolicies: this.#budgets.names().filter((name) => this.#reaches(visibility, name)).length,
      bySource: isAll ? counts : null,
      byTransport: isAll ? Object.fromEntries(this.#transports) : null,
      byVerb: isAll ? Object.fromEntries(this.#verbs) : null,
      latency: isAll ? this.#latencies() : null,
      rates: isAll ? this.#rates.view() : null,
      policies,
    }
  }

  #seenPolicies(visibility: Visibility): PolicyCounts[] {
    const all = [...this.#policies].map(([policy, counts]) => ({ policy, ...counts }))
    return all.filter(({ policy }) =>
      policy === null ? visibility.isAll : this.#reaches(visibility, policy),
    )
  }

  #reaches(visibility: Visibility, policy: string): boolean {
    return visibility.reaches(policy, this.#budgets.policy(policy))
  }

  #latencies(): Partial<Record<Source, LatencyView>> {
    const views = [...this.#sources].flatMap(([source, { latency }]) => {
      const view = latency.view()
      return view === null ? [] : [[source, view] as const]
    })
    return Object.fromEntries(views)
  }

  #countsOf(policy: string | null): Counts {
    const known = this.#policies.get(policy)
    if (known !== undefined) return known
    const counts = { allowed: 0, denied: 0, shadowDenied: 0 }
    this.#policies.set(policy, counts)
    return counts
  }
}

function sumOf(all: readonly OutcomeCounts[]): OutcomeCounts {
  return all.reduce(
    (sum, { allowed, denied, shadowDenied }) => ({
      allowed: sum.allowed + allowed,
      denied: sum.denied + denied,
      shadowDenied: sum.shadowDenied + shadowDenied,
    }),
    { allowed: 0, denied: 0, shadowDenied: 0 },
  )
}
