/** The entry `headgate`: limiters and the memory store. */

export type { Clock } from '../core/clock.ts'
export {
  type Allowed,
  type Credited,
  type Decision,
  type Denied,
  type Reason,
  type RuleView,
  retryAfterSeconds,
  type ShadowView,
  type Source,
} from '../core/decision.ts'
export { type Duration, parseDuration } from '../core/duration.ts'
export type { Switch } from '../core/enabled-switch.ts'
export { type ErrorCode, HeadgateError } from '../core/errors.ts'
export type { ConditionView, Explanation, PolicyExplanation, PolicyOutcome } from '../core/explanation.ts'
export type { GuardableStore, GuardedStore, GuardOptions, ResilienceOptions } from '../core/guarded-store.ts'
export type { HashKeysOptions } from '../core/hash-keys.ts'
export type { BreakerState, FailureView, Health, LatencyView, PartHealth } from '../core/health-report.ts'
export type { Attributes, DescriptorEntry, Who } from '../core/key.ts'
export type {
  BudgetOptions,
  CallOptions,
  DecisionEvent,
  DecisionListener,
  DecisionVerb,
  JointDecision,
  KeyView,
  Limiter,
  LimitRequest,
  PolicyRegister,
  RefundOptions,
  Reservation,
  ReserveOptions,
  WaitOptions,
} from '../core/limiter.ts'
export type { OnStoreError } from '../core/on-store-error.ts'
export type { HeaderFields, ResponseOptions } from '../core/policy-answer.ts'
export type {
  AccessList,
  AccessOptions,
  ChooseOptions,
  DescriptorMatch,
  LeaseOptions,
  Match,
  MatchValues,
  OverrideOptions,
  PolicyOptions,
  ShadowOptions,
} from '../core/policy-options.ts'
export type { Rate } from '../core/rate.ts'
export type { Receipt, ReceiptEntry } from '../core/receipt.ts'
export type {
  Extended,
  ReservationHandle,
  ResumedReservation,
  Settled,
} from '../core/reservation-handle.ts'
export type { RuleOptions } from '../core/rule.ts'
export type { Store, SyncStore } from '../core/store.ts'
export {
  createLimiter,
  type LimiterOptions,
  type PoliciesOptions,
  type SimpleOptions,
} from '../create-limiter.ts'
export { type CallLimitOptions, type RateLimited, withRateLimit } from '../middleware/with-rate-limit.ts'
export {
  type Loaded,
  type PolicySource,
  type PolicySourceOptions,
  policySource,
} from '../policies/source/policy-source.ts'
export {
  type MemoryStats,
  type MemoryStore,
  type MemoryStoreOptions,
  memoryStore,
} from '../stores/memory/index.ts'
