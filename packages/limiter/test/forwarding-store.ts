import type {
  BudgetKey,
  BudgetRequest,
  Grant,
  LeasingStore,
  Refund,
  SyncStore,
  Verb,
  Verdicts,
} from '../src/core/store.ts'

/** A store that passes every call on to the one whose turn it is. */
export abstract class ForwardingStore<S extends SyncStore & LeasingStore> implements SyncStore, LeasingStore {
  decideSync(verb: Verb, requests: readonly BudgetRequest[]): Verdicts {
    return this.next().decideSync(verb, requests)
  }

  refundSync(refunds: readonly Refund[]): readonly number[] {
    return this.next().refundSync(refunds)
  }

  resetSync(keys: readonly BudgetKey[]): void {
    this.next().resetSync(keys)
  }

  blockSync(keys: readonly BudgetKey[], lengthUs: number): void {
    this.next().blockSync(keys, lengthUs)
  }

  decide(verb: Verb, requests: readonly BudgetRequest[]): Promise<Verdicts> {
    return this.next().decide(verb, requests)
  }

  acquire(request: BudgetRequest, min: number): Promise<Grant> {
    return this.next().acquire(request, min)
  }

  refund(refunds: readonly Refund[]): Promise<readonly number[]> {
    return this.next().refund(refunds)
  }

  reset(keys: readonly BudgetKey[]): Promise<void> {
    return this.next().reset(keys)
  }

  block(keys: readonly BudgetKey[], lengthUs: number): Promise<void> {
    return this.next().block(keys, lengthUs)
  }

  abstract close(): Promise<void>

  /** Called once for every call. */
  protected abstract next(): S
}
