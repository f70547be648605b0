import { NEVER } from '../core/algorithm.ts'
import type { Budget } from '../core/budget.ts'
import type { Clock } from '../core/clock.ts'
import type { Source } from '../core/decision.ts'
import { getOrAdd } from '../core/get-or-add.ts'
import type { OnStoreError } from '../core/guard.ts'
import { checkOnStoreError } from '../core/policy.ts'
import type { Ask, Refund, Store, SyncStore, Verb, Verdicts } from '../core/store.ts'
import { checkFields } from '../core/validate.ts'
import { isUnavailable } from './failure.ts'
import { shareOf } from './share.ts'
import { backgroundClock } from './steady-clock.ts'
import { wrapping } from './wrapping.ts'

/** Options of {@link withFallback}. */
export interface FallbackOptions {
  /** Decides in place of the store; one for as long as the fallback lives, so that an outage begins where the last one ended. */
  readonly local: SyncStore
  /**
   * What happens to decisions of policies that do not say so themselves.
   * @default 'local'
   */
  readonly onStoreError?: OnStoreError
  /**
   * How many processes share a limit now.
   * @default 1
   */
  readonly replicas?: () => number
  /**
   * Time of answers that no store gave.
   * @default the system's
   */
  readonly clock?: Clock
}

/** A store that answers also when the one beneath does not. */
export interface Fallback extends Store {
  /** Decisions so far, by who answered. */
  readonly decisions: Record<Answerer, number>
  /**
   * Goes through the last decision in place of the store, without a trace: an outage, in which all decisions under way
   * come at once, then finds shares that are compiled and code that has run.
   */
  rehearse(): void
}

type Answerer = Exclude<Source, 'none'>

/**
 * What a denial says that no clock can tell the end of, in microseconds: twice the longest wait between two probes,
 * so that a store which is back is in use again.
 */
const RETRY_US = 1_000_000

/**
 * Answers decisions that the store cannot, as their policies say: `local` by this process's share of the limits,
 * `open` by letting them pass, `closed` by denying them. Of several policies in one decision one that is closed
 * denies it, those that are local must all pass, and those that are open do not count.
 */
export function withFallback(store: Store, options: FallbackOptions): Fallback {
  checkFields(options, ['local', 'onStoreError', 'replicas', 'clock'], 'withFallback')
  const { local, onStoreError = 'local', replicas = () => 1, clock = backgroundClock } = options
  checkOnStoreError(onStoreError, 'withFallback.onStoreError')
  const stand = new StandIn({ local, onStoreError, replicas, clock })
  const { decisions } = stand
  const count = (verdicts: Verdicts): Verdicts => {
    decisions[verdicts.source as Answerer]++
    return verdicts
  }
  let last: readonly Ask[] = []
  return {
    synchronous: false,
    ...wrapping(store, (call) => call()),
    decisions,
    decide(verb, asks, deadlineMs) {
      last = asks
      return store.decide(verb, asks, deadlineMs).then(count, (reason: unknown) => {
        if (!isUnavailable(reason)) throw reason
        return count(stand.decide(verb, asks))
      })
    },
    rehearse: () => void stand.decide('peek', last),
    async refund(refunds) {
      const theirs = stand.refund(refunds)
      if (theirs.length > 0) await store.refund(theirs)
    },
    reset(asks) {
      local.resetSync(asks)
      return store.reset(asks)
    },
    async close() {
      await local.close()
      await store.close()
    },
  }
}

/** Names stores in receipts: what was spent in one of this process can be given back nowhere else. */
const places = new WeakMap<SyncStore, string>()

/** Decides in place of the store. */
class StandIn {
  readonly decisions: Record<Answerer, number> = {
    store: 0,
    lease: 0,
    'deny-cache': 0,
    fallback: 0,
    open: 0,
    closed: 0,
  }
  readonly #config: Required<FallbackOptions>
  readonly #place: string
  readonly #shares = new WeakMap<Budget, { readonly replicas: number; readonly share: Budget }>()

  constructor(config: Required<FallbackOptions>) {
    this.#config = config
    this.#place = getOrAdd(places, config.local, () => crypto.randomUUID())
  }

  decide(verb: Verb, asks: readonly Ask[]): Verdicts {
    const { onStoreError } = this.#config
    const modes = asks.map(({ budget }) => budget.onStoreError ?? onStoreError)
    if (modes.includes('closed')) return this.#unjudged('closed', RETRY_US)
    const own = asks.filter((_, i) => modes[i] === 'local')
    return own.length === 0 ? this.#unjudged('open', 0) : this.#decideLocally(verb, own)
  }

  /** Takes back what was spent here; returns what was spent in the store. */
  refund(refunds: readonly Refund[]): Refund[] {
    const own = refunds.filter(({ place }) => place === this.#place)
    if (own.length > 0) {
      this.#config.local.refundSync(own.map((refund) => ({ ...refund, budget: this.#share(refund.budget) })))
    }
    return refunds.filter(({ place }) => place === undefined)
  }

  #unjudged(source: 'open' | 'closed', waitUs: number): Verdicts {
    return { now: this.#config.clock.now(), numbers: [waitUs], source, judged: [] }
  }

  #decideLocally(verb: Verb, asks: readonly Ask[]): Verdicts {
    const judged = asks.map((ask) => ({ ...ask, budget: this.#share(ask.budget) }))
    const { now, numbers } = this.#config.local.decideSync(verb, judged)
    const copy: number[] = []
    for (const { budget, cost } of asks) {
      for (const { capacity } of budget.rules) {
        const at = copy.length
        const wait = numbers[at] as number
        // More than the share ever holds is not more than the rule does: the store may take it when it is back.
        const told = wait === NEVER && cost <= capacity ? RETRY_US : wait
        copy.push(told, numbers[at + 1] as number, numbers[at + 2] as number)
      }
    }
    return { now, numbers: copy, source: 'fallback', judged }
  }

  #share(budget: Budget): Budget {
    const replicas = this.#config.replicas()
    const known = this.#shares.get(budget)
    if (known?.replicas === replicas) return known.share
    const share = { ...shareOf(budget, replicas), place: this.#place }
    this.#shares.set(budget, { replicas, share })
    return share
  }
}
