export { type ContractCase, type ContractSubject, storeContract } from '../testing/contract/index.ts'
export { expectAllowed, expectLimited } from '../testing/expect.ts'
export { type ManualClock, manualClock } from '../testing/manual-clock.ts'
