import type { Rate } from './rate.ts'

/** Which rules of which policy a spend was on; one object for all receipts of one budget. */
export interface ReceiptOrigin {
  readonly policy: string
  /** Position of the override in force, or -1. */
  readonly override: number
  /** Rates given with the call; empty where the configured rules applied. */
  readonly limit: readonly Rate[]
  /** The rules, each by the identity of its state. */
  readonly rules: readonly string[]
}

/** What one budget was charged under one key. */
export interface ReceiptEntry {
  readonly origin: ReceiptOrigin
  readonly key: string
  readonly cost: number
  /** The fallback it was spent in, of one process; null: in the store. */
  readonly fallbackId: string | null
  /** Six numbers a rule, in the order of `RuleReceipt`. */
  readonly numbers: readonly number[]
}

/**
 * Proof of one spend, for `refund`: plain data that survives `JSON.stringify` and `structuredClone`. Its first entry
 * stands in the receipt itself, since most spends have no other. Whoever holds it can read the keys in it.
 */
export interface Receipt extends ReceiptEntry {
  /** The process that spent, and the number of the spend in it: no other spend has both. */
  readonly process: string
  readonly spend: number
  /** What other budgets were charged in the same decision. */
  readonly others: readonly ReceiptEntry[]
}
