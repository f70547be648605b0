export { type ContractCase, type ContractSubject, storeContract } from './contract/index.ts'
export { expectAllowed, expectLimited } from './expect.ts'
export { type ManualClock, manualClock } from './manual-clock.ts'
