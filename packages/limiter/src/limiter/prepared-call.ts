import type { Verb, Verdicts } from '../core/store.ts'
import type { Listed } from '../policies/access-lists.ts'
import type { PolicyRequest } from './make-receipt.ts'
import type { StoreCall } from './rule-views.ts'

/** A call whose options are checked and whose policies are known. */
export interface PreparedCall extends StoreCall {
  readonly listed: Listed
  /** Since when its answer time counts, where its policies had to be found; undefined: since the store is asked. */
  readonly sinceUs?: number | undefined
}

/** One decision of the store. */
export type DecideInStore = (verb: Verb, requests: readonly PolicyRequest[]) => Promise<Verdicts>
