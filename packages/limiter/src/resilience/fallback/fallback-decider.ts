import { NEVER, VERDICT_SIZE, WAIT } from '../../core/algorithm.ts'
import type { Clock } from '../../core/clock.ts'
import type { Source } from '../../core/decision.ts'
import { getOrAdd } from '../../core/get-or-add.ts'
import type { OnStoreError } from '../../core/on-store-error.ts'
import type { BudgetKey, BudgetRequest, Refund, SyncStore, Verb, Verdicts } from '../../core/store.ts'
import { blameOf } from '../store-failure.ts'
import { type Share, Shares } from './shares.ts'

/** What a decider is made of. */
export interface FallbackConfig {
  /** Decides by the shares. */
  readonly local: SyncStore
  /** What happens to decisions of policies that do not say so themselves. */
  readonly onStoreError: OnStoreError
  /** How many processes share a limit now. */
  readonly replicas: () => number
  /** Time of answers that no store gave. */
  readonly clock: Pick<Clock, 'now'>
}

/** Who answers decisions. */
export type Answerer = Exclude<Source, 'none'>

/**
 * What a denial says that no clock can tell the end of, in microseconds: twice the longest wait between two probes,
 * so that a store which is back is in use again.
 */
const RETRY_US = 1_000_000

/** Names stores in receipts: what was spent in one of this process can be given back nowhere else. */
const fallbackIds = new WeakMap<SyncStore, string>()

/**
 * Decides in place of the store, as policies say: `local` by this process's share of the limits, `open` by letting pass,
 * `closed` by denying. Of several policies in one decision one that is closed denies it, those that are local must all
 * pass, and those that are open do not count.
 */
export class FallbackDecider {
  /** Decisions so far, by who answered. */
  readonly decisions: Record<Answerer, number> = {
    store: 0,
    lease: 0,
    'deny-cache': 0,
    fallback: 0,
    open: 0,
    closed: 0,
  }
  /** How many of them were made here because their answer time ended. */
  overloads = 0
  readonly #config: FallbackConfig
  readonly #fallbackId: string
  readonly #shares: Shares
  #last: readonly BudgetRequest[] = []

  constructor(config: FallbackConfig) {
    this.#config = config
    this.#fallbackId = getOrAdd(fallbackIds, config.local, () => crypto.randomUUID())
    this.#shares = new Shares(this.#fallbackId)
  }

  /** Counts who answered. Bound once, as it is handed to every promise. */
  readonly count = (verdicts: Verdicts): Verdicts => {
    this.decisions[verdicts.source as Answerer]++
    return verdicts
  }

  /** The decision that the store could not make, for this reason. */
  answer(verb: Verb, requests: readonly BudgetRequest[], reason: unknown): Verdicts {
    if (blameOf(reason) === 'overload') this.overloads++
    const verdicts = this.#decide(verb, requests)
    return this.count(verdicts.source === 'closed' ? { ...verdicts, failure: reason } : verdicts)
  }

  /** Notes what is asked, to be warm for it. */
  asked(requests: readonly BudgetRequest[]): void {
    this.#last = requests
  }

  /**
   * Goes through the last decision, without a trace: an outage, in which all pending decisions come at once, then finds
   * shares that are compiled and code that has run.
   */
  warmUp(): void {
    this.#decide('peek', this.#last)
  }

  /** Takes back what was spent here; zeros for all else. */
  refund(refunds: readonly Refund[]): number[] {
    const own = refunds.filter(({ fallbackId }) => fallbackId === this.#fallbackId)
    if (own.length === 0) return refunds.map(() => 0)
    const given = this.#config.local.refundSync(
      own.map((refund) => ({ ...refund, budget: this.#share(refund).state })),
    )
    return refunds.map((refund) => given[own.indexOf(refund)] ?? 0)
  }

  #decide(verb: Verb, requests: readonly BudgetRequest[]): Verdicts {
    const { onStoreError } = this.#config
    const modes = requests.map(({ budget }) => budget.onStoreError ?? onStoreError)
    if (modes.includes('closed')) return this.#unjudged('closed', RETRY_US)
    const own = requests.filter((_, i) => modes[i] === 'local')
    return own.length === 0 ? this.#unjudged('open', 0) : this.#decideLocally(verb, own)
  }

  #unjudged(source: 'open' | 'closed', waitUs: number): Verdicts {
    return { now: this.#config.clock.now(), numbers: [waitUs], source, judged: [] }
  }

  #decideLocally(verb: Verb, requests: readonly BudgetRequest[]): Verdicts {
    const shares = requests.map((request) => this.#share(request))
    const asked = requests.map((request, i) => ({ ...request, budget: (shares[i] as Share).state }))
    const { now, numbers } = this.#config.local.decideSync(verb, asked)
    const copy: number[] = []
    for (const { budget, cost } of requests) {
      for (const { capacity } of budget.rules) {
        const from = copy.length
        for (let i = 0; i < VERDICT_SIZE; i++) copy.push(numbers[from + i] as number)
        // More than the share ever holds is not more than the rule does: the store may take it when it is back.
        if (copy[from + WAIT] === NEVER && cost <= capacity) copy[from + WAIT] = RETRY_US
      }
    }
    const judged = requests.map((request, i) => ({ ...request, budget: (shares[i] as Share).told }))
    return { now, numbers: copy, source: 'fallback', judged }
  }

  #share({ budget }: BudgetKey): Share {
    return this.#shares.of(budget, this.#config.replicas())
  }
}
