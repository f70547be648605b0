/** The entry `headgate/testing`: a manual clock, assertions, and the contract that every store must meet. */

export { type ContractCase, type ContractSubject, storeContract } from '../testing/contract/index.ts'
export { expectAllowed, expectLimited } from '../testing/expect.ts'
export { type ManualClock, manualClock } from '../testing/manual-clock.ts'
