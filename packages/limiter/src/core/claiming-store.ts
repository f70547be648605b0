import { budgetOf } from './budget.ts'
import type { BudgetKey, Store } from './store.ts'

/** Something that may happen once, such as the settlement of a reservation. */
export interface Claim {
  /** Unique among all that is ever claimed. */
  readonly id: string
  /** What the first one wants, for those that come later; a safe integer ≥ 0. Null only asks who would get it. */
  readonly value: number | null
  /** From when on nobody gets it any more, by the store's clock; microseconds. The store may then forget it. */
  readonly endsAtUs: number
}

/** Who has a claim: whoever asked now, somebody before, or nobody any more because its time is over. */
export type Claimed =
  | { readonly by: 'caller'; readonly value: number | null }
  | { readonly by: 'another'; readonly value: number }
  | { readonly by: 'nobody'; readonly value: null }

/** A store by which processes agree who does something that may happen once. */
export interface ClaimingStore extends Store {
  /** Takes the claim if nobody has it yet. */
  claim(claim: Claim): Promise<Claimed>
  /** Gives a claim up, so that it can be taken again. */
  unclaim(id: string): Promise<void>
}

/** Whether a store has claims. */
export function isClaiming(store: Store): store is ClaimingStore {
  return 'claim' in store
}

/** What finds the part of a store that holds a claim: no policy has this name. */
const CLAIMS = budgetOf('~claims', [])

/** A claim as a key of a store that is made of several. */
export function keyOfClaim(id: string): BudgetKey {
  return { budget: CLAIMS, key: id }
}
