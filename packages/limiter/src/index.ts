export type { Clock } from './core/clock.ts'
export type { Allowed, Decision, Denied, Reason, RuleView, ShadowView, Source } from './core/decision.ts'
export { type Duration, parseDuration } from './core/duration.ts'
export { type ErrorCode, HeadgateError } from './core/errors.ts'
export type { GuardedStore, GuardOptions, OnStoreError, ResilienceOptions } from './core/guard.ts'
export type { BreakerState, FailureView, Health, LatencyView, PartHealth } from './core/health.ts'
export type { Attributes, Who } from './core/key.ts'
export type {
  CallOptions,
  Limiter,
  PolicyRegister,
  Reservation,
  ReserveOptions,
  WaitOptions,
} from './core/limiter.ts'
export type { Match, OverrideOptions, PolicyOptions } from './core/policy.ts'
export type { Rate } from './core/rate.ts'
export type { RuleOptions } from './core/rule.ts'
export type { Store, SyncStore } from './core/store.ts'
export {
  createLimiter,
  type LimiterOptions,
  type PoliciesOptions,
  type SimpleOptions,
} from './create-limiter.ts'
export {
  type MemoryStats,
  type MemoryStore,
  type MemoryStoreOptions,
  memoryStore,
} from './stores/memory/index.ts'
