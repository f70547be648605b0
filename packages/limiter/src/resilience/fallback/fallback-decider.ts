import { NEVER, VERDICT_SIZE, WAIT } from '../../core/algorithm.ts'
import type { Clock } from '../../core/clock.ts'
import type { Source } from '../../core/decision.ts'
import { getOrAdd } from '../../core/get-or-add.ts'
import type { OnStoreError } from '../../core/on-store-error.ts'
import type { BudgetKey, BudgetRequest, Refund, SyncStore, Verb, Verdicts } from '../../core/store.ts'
import { blameOf } from '../store-failure.ts'
import { type Share, Shares } from './shares.ts'

/** Settings of a {@link FallbackDecider}. */
export interface FallbackConfig {
  /** The store that decides by shares. */
  readonly local: SyncStore
  /** For policies that do not set it themselves. */
  readonly onStoreError: OnStoreError
  /** Returns how many processes share a limit now. */
  readonly replicas: () => number
  /** Clock of answers that no store gave, as with `open` and `closed`. */
  readonly clock: Pick<Clock, 'now'>
}

/** Who can answer a decision. */
export type Answerer = Exclude<Source, 'none'>

/**
 * The wait of a denial that ends only when the store is back: twice the longest delay between two probes, after which a
 * store that recovered is in use again.
 */
const RETRY_US = 1_000_000

/** The ids of stores in receipts: what was spent in a fallback can only be refunded there. */
const fallbackIds = new WeakMap<SyncStore, string>()

/** Decides in place of the store, by `onStoreError` of the policies: see `withFallback`. */
export class FallbackDecider {
  /** Count of decisions by who answered. */
  readonly decisions: Record<Answerer, number> = {
    store: 0,
    lease: 0,
    'deny-cache': 0,
    fallback: 0,
    open: 0,
    closed: 0,
  }
  /** How many decisions were made here because their answer time had ended. */
  overloads = 0
  readonly #config: FallbackConfig
  #shares: Shares | undefined
  #last: readonly BudgetRequest[] = []

  constructor(config: FallbackConfig) {
    this.#config = config
  }

  /** Made when first asked for: Workers have no random numbers before a request. */
  get #fallbackId(): string {
    return getOrAdd(fallbackIds, this.#config.local, () => crypto.randomUUID())
  }

  /** Counts who answered. A bound function, so that it can be passed to `then` without a closure. */
  readonly count = (verdicts: Verdicts): Verdicts => {
    this.decisions[verdicts.source as Answerer]++
    return verdicts
  }

  /** Makes the decision that the store could not make, for this reason. */
  answer(verb: Verb, requests: readonly BudgetRequest[], reason: unknown): Verdicts {
    if (blameOf(reason) === 'overload') this.overloads++
    const verdicts = this.#decide(verb, requests)
    return this.count(verdicts.source === 'closed' ? { ...verdicts, failure: reason } : verdicts)
  }

  /** Remembers requests for {@link warmUp}. */
  remember(requests: readonly BudgetRequest[]): void {
    this.#last = requests
  }

  /**
   * Peeks at the last decision, so that its shares and this code are compiled when an outage begins: then all pending
   * decisions come here at once.
   */
  warmUp(): void {
    this.#decide('peek', this.#last)
  }

  /** Refunds what was spent here; returns 0 for all other refunds. */
  refund(refunds: readonly Refund[]): number[] {
    const own = refunds.filter(({ fallbackId }) => fallbackId === this.#fallbackId)
    if (own.length === 0) return refunds.map(() => 0)
    const given = this.#config.local.refundSync(
      own.map((refund) => ({ ...refund, budget: this.#share(refund).judged })),
    )
    return refunds.map((refund) => given[own.indexOf(refund)] ?? 0)
  }

  #decide(verb: Verb, requests: readonly BudgetRequest[]): Verdicts {
    const { onStoreError } = this.#config
    const modeOf = ({ budget }: BudgetRequest): OnStoreError => budget.onStoreError ?? onStoreError
    // A policy in shadow closes nothing, and is counted here only beside one that decides here.
    const enforcing = requests.filter(({ budget }) => budget.enforces)
    const deciding = enforcing.length > 0 ? enforcing : requests
    if (enforcing.some((one) => modeOf(one) === 'closed')) return this.#fixedVerdict('closed', RETRY_US)
    if (!deciding.some((one) => modeOf(one) === 'local')) return this.#fixedVerdict('open', 0)
    return this.#decideLocally(
      verb,
      requests.filter((one) => modeOf(one) === 'local'),
    )
  }

  #fixedVerdict(source: 'open' | 'closed', waitUs: number): Verdicts {
    return { now: this.#config.clock.now(), numbers: [waitUs], source, judged: [] }
  }

  #decideLocally(verb: Verb, requests: readonly BudgetRequest[]): Verdicts {
    const shares = requests.map((request) => this.#share(request))
    const own = requests.map((request, i) => ({ ...request, budget: (shares[i] as Share).judged }))
    const { now, numbers } = this.#config.local.decideSync(verb, own)
    const copy: number[] = []
    for (const { budget, cost } of requests) {
      for (const { capacity } of budget.rules) {
        const from = copy.length
        for (let i = 0; i < VERDICT_SIZE; i++) copy.push(numbers[from + i] as number)
        // A cost above the share's capacity but not above the rule's may pass when the store is back.
        if (copy[from + WAIT] === NEVER && cost <= capacity) copy[from + WAIT] = RETRY_US
      }
    }
    const judged = requests.map((request, i) => ({ ...request, budget: (shares[i] as Share).reported }))
    return { now, numbers: copy, source: 'fallback', judged }
  }

  #share({ budget }: BudgetKey): Share {
    this.#shares ??= new Shares(this.#fallbackId)
    return this.#shares.of(budget, this.#config.replicas())
  }
}
