/** The entry `headgate/store`: what it takes to write a store. */

export type { Algorithm, RuleReceipt } from '../core/algorithm.ts'
export { BLOCKED, NEVER, RECEIPT, REMAINING, RESET, VERDICT_SIZE, WAIT } from '../core/algorithm.ts'
export { type Budget, budgetOf, neededUnits } from '../core/budget.ts'
export { type Claim, type Claimed, type ClaimingStore, isClaiming } from '../core/claiming-store.ts'
export type { Clock } from '../core/clock.ts'
export { type CrowdedRule, crowdedRule } from '../core/crowded-rule.ts'
export {
  type DocumentPut,
  type DocumentRead,
  type DocumentStore,
  isDocumentStore,
  type StoredDocument,
} from '../core/document-store.ts'
export type { GuardableStore, GuardedStore, GuardOptions } from '../core/guarded-store.ts'
export { passes, spendingRules } from '../core/passing.ts'
export { type Algorithms, compileRule, type Rule, type RuleContext, type RuleOptions } from '../core/rule.ts'
export { isSecretStore, type SecretOffer, type SecretStore } from '../core/secret-store.ts'
export { CALL_RATES, type StateIdentity, WINDOWS_MAX } from '../core/state-identity.ts'
export {
  type AtOnceStore,
  type BudgetKey,
  type BudgetRequest,
  type ClearableStore,
  type DecideOptions,
  type Grant,
  isSync,
  type LeasingStore,
  type PartitionedStore,
  type ProbedStore,
  type QueueingStore,
  type Refund,
  type StateKey,
  type Store,
  type SyncStore,
  TOO_MANY_WINDOWS,
  type Verb,
  type Verdicts,
} from '../core/store.ts'
export { DEADLINE_MS } from '../core/store-timeout.ts'
