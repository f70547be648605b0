import type { Rate } from './rate.ts'
import type { RuleOptions } from './rule.ts'

/** The rules that a spend was on; all receipts of a budget share one such object. */
export interface ReceiptOrigin {
  readonly policy: string
  /** Index of the override that applied, or -1. */
  readonly override: number
  /** Rates that came with the call; empty where the configured ones applied. */
  readonly limit: readonly Rate[]
  /** The whole rule that came with the call; absent where a policy decided. */
  readonly rule?: RuleOptions
  /** The identities of the rules, see `StateIdentity.text`. */
  readonly rules: readonly string[]
}

/** The spend from one budget under one key. */
export interface ReceiptEntry {
  readonly origin: ReceiptOrigin
  /** The encoded key, which contains the attribute values in it unless keys are hashed. */
  readonly key: string
  /** Units spent. */
  readonly cost: number
  /** Id of the fallback that it was spent in, while the store failed; null: it was spent in the store. */
  readonly fallbackId: string | null
  /** Six numbers per rule, in the order of the fields of `RuleReceipt`; of a policy with bans, then the time of the spend. */
  readonly numbers: readonly number[]
}

/**
 * Proof of one spend, for `refund`: plain data that survives `JSON.stringify` and `structuredClone`. The fields of the first
 * entry are those of the receipt itself, since most spends have one entry. It is not encrypted: its keys can be read, unless they are hashed.
 */
export interface Receipt extends ReceiptEntry {
  /** Random id of the process that spent. */
  readonly process: string
  /** Number of the spend in that process; both together are unique. */
  readonly spend: number
  /** Spends from other budgets in the same decision. */
  readonly others: readonly ReceiptEntry[]
}
