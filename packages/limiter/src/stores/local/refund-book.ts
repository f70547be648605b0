import type { Refund } from '../../core/store.ts'
import type { WorkingCopy } from './working-copy.ts'

/** Remembers which spends were refunded, so that each is refunded at most once. */
export interface RefundBook {
  /** Whether a spend may be refunded: it was not before, is not too old, and there is room to remember it. */
  allows(refund: Refund, key: Pick<WorkingCopy, 'low' | 'high'>, now: number): boolean
  /** Remembers a refund until it would be refused as too old. */
  add(refund: Refund, key: Pick<WorkingCopy, 'low' | 'high'>): void
}

/** What a refund is remembered by. Includes the key: one spend id is used for several keys of a decision. */
export function nameOfRefund({ id }: Refund, { low, high }: Pick<WorkingCopy, 'low' | 'high'>): string {
  return `${id} ${low} ${high}`
}
