/** A third party's store, written with what `headgate/store` exports alone. Compiled by `tsc -b`, never run. */
import { createLimiter } from '../../src/entries/index.ts'
import { guarded } from '../../src/entries/resilience.ts'
import {
  type AtOnceStore,
  type BudgetKey,
  type BudgetRequest,
  budgetOf,
  type Clock,
  compileRule,
  type DecideOptions,
  type Grant,
  type LeasingStore,
  NEVER,
  type PartitionedStore,
  type ProbedStore,
  type QueueingStore,
  RECEIPT,
  REMAINING,
  RESET,
  type Refund,
  type RuleReceipt,
  type Store,
  type SyncStore,
  TOO_MANY_WINDOWS,
  VERDICT_SIZE,
  type Verb,
  type Verdicts,
  WAIT,
} from '../../src/entries/store.ts'

class OwnStore implements SyncStore, LeasingStore {
  readonly clock: Clock

  constructor(clock: Clock) {
    this.clock = clock
  }

  decideSync(verb: Verb, requests: readonly BudgetRequest[]): Verdicts {
    const now = this.clock.now()
    const numbers: number[] = []
    for (const { budget, key, cost } of requests) {
      for (const { algorithm, terms, identity, capacity, byCall } of budget.rules) {
        const state = new Float64Array(algorithm.stateSize(terms))
        algorithm.advance(terms, state, 0, now)
        const wait = verb === 'charge' ? 0 : algorithm.waitFor(terms, state, 0, now, cost)
        const one = new Float64Array(VERDICT_SIZE)
        one[WAIT] = byCall && key === identity.text ? TOO_MANY_WINDOWS : wait
        one[REMAINING] = wait === NEVER ? 0 : capacity - algorithm.used(terms, state, 0, now)
        one[RESET] = algorithm.recoversAt(terms, state, 0)
        algorithm.receipt(terms, state, 0, one, RECEIPT)
        numbers.push(...one)
      }
    }
    return { now, numbers, source: 'store' }
  }

  refundSync(refunds: readonly Refund[]): readonly number[] {
    return refunds.map(({ rules }) => rules.map((rule: RuleReceipt | undefined) => rule?.stood ?? 0)[0] ?? 0)
  }

  resetSync(_keys: readonly BudgetKey[]): void {}

  async decide(verb: Verb, requests: readonly BudgetRequest[], _options?: DecideOptions): Promise<Verdicts> {
    return this.decideSync(verb, requests)
  }

  async acquire(request: BudgetRequest, min: number): Promise<Grant> {
    return { ...this.decideSync('consume', [request]), granted: min }
  }

  async refund(refunds: readonly Refund[]): Promise<readonly number[]> {
    return this.refundSync(refunds)
  }

  async reset(_keys: readonly BudgetKey[]): Promise<void> {}

  blockSync(_keys: readonly BudgetKey[], _lengthUs: number): void {}

  async block(_keys: readonly BudgetKey[], _lengthUs: number): Promise<void> {}

  async close(): Promise<void> {}
}

export function ownStores(clock: Clock, later: Store): void {
  createLimiter({ limit: '1/s', store: new OwnStore(clock) }).consumeSync('a')
  createLimiter({ limit: '1/s', store: guarded(later) })
  budgetOf('p', [compileRule('1/s', 'rules[0]')])
  // @ts-expect-error a store takes spends back
  const store: Store = { decide: later.decide, reset: later.reset, close: later.close }
  // @ts-expect-error verdicts say who answered
  const verdicts: Verdicts = { now: 0, numbers: [] }
  void [store, verdicts]
}

export function capabilities(
  store: Store,
  ...[atOnce, probed, queueing, partitioned]: [AtOnceStore, ProbedStore, QueueingStore, PartitionedStore]
): void {
  const all: Store[] = [atOnce, probed, queueing, partitioned]
  void all
  // @ts-expect-error not every store can be asked whether it works
  void store.ping()
}
