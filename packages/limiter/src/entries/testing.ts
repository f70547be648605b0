/** The entry `headgate/testing`: a manual clock, assertions, limiters and stores for tests, and the contracts of stores and adapters. */

export {
  type AdapterCase,
  type AdapterSubject,
  type AnyOptions,
  type AppUnderTest,
  adapterContract,
  type Reply,
  type RouteUnderTest,
  type RunningApp,
} from '../testing/adapter-contract/index.ts'
export { denyingLimiter, passingLimiter } from '../testing/constant-limiter.ts'
export { type ContractCase, type ContractSubject, storeContract } from '../testing/contract/index.ts'
export { expectAllowed, expectLimited } from '../testing/expect.ts'
export {
  type ExpectedField,
  expectHeaders,
  expectRateLimit,
  type HeaderSource,
} from '../testing/expect-headers.ts'
export {
  type Fault,
  type FaultyStore,
  type FaultyStoreOptions,
  faultyStore,
} from '../testing/faulty-store.ts'
export { flush } from '../testing/flush.ts'
export { type ManualClock, manualClock } from '../testing/manual-clock.ts'
