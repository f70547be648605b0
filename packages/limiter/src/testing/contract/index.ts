import { banCases } from './bans.ts'
import { blockCases } from './blocks.ts'
import { bucketCases } from './bucket.ts'
import type { ContractCase } from './case.ts'
import { claimCases } from './claims.ts'
import { clockBackCases } from './clock-back.ts'
import { creditCases } from './credits.ts'
import { documentCases } from './documents.ts'
import { fixedWindowCases } from './fixed-window.ts'
import { keyCases } from './keys.ts'
import { overdrawCases } from './overdraw.ts'
import { refundCases } from './refunds.ts'
import { ruleChangeCases } from './rule-change.ts'
import { severalCases } from './several.ts'
import { shadowCases } from './shadow.ts'
import { slidingWindowCases } from './sliding-window.ts'
import { verbCases } from './verbs.ts'
import { windowCases } from './windows.ts'

export type { ContractCase, ContractSubject } from './case.ts'

/** What every store must do, as data. Run each case as a test of its own, on a store whose clock the test controls. */
export const storeContract: readonly ContractCase[] = [
  ...bucketCases,
  ...fixedWindowCases,
  ...slidingWindowCases,
  ...severalCases,
  ...verbCases,
  ...refundCases,
  ...creditCases,
  ...claimCases,
  ...documentCases,
  ...clockBackCases,
  ...ruleChangeCases,
  ...windowCases,
  ...blockCases,
  ...banCases,
  ...keyCases,
  ...shadowCases,
  ...overdrawCases,
]
