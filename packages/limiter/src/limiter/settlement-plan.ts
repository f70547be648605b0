import type { Receipt } from '../core/receipt.ts'

/** One spend of a reservation, and how many of its units are not given back yet. */
export interface HeldSpend {
  readonly receipt: Receipt
  readonly units: number
}

/** What it takes to settle spends at an actual cost. */
export interface SettlementPlan<S extends HeldSpend> {
  /** Units to charge. */
  readonly shortfall: number
  /** Units to refund, by spend, in the order in which they have to be refunded. */
  readonly surplus: readonly { readonly spend: S; readonly units: number }[]
}

/** Units that spends hold together. */
export function heldBy(spends: readonly HeldSpend[]): number {
  return spends.reduce((sum, { units }) => sum + units, 0)
}

/** What to refund: all of a spend where all of its units go back, since policies with a `cost` spent other numbers of units. */
export function refundOf({ spend, units }: { readonly spend: HeldSpend; readonly units: number }): number {
  return units === spend.units ? Number.POSITIVE_INFINITY : units
}

/** Plans the settlement of spends, the oldest first. */
export function planSettlement<S extends HeldSpend>(spends: readonly S[], actual: number): SettlementPlan<S> {
  let rest = heldBy(spends) - actual
  const surplus: { spend: S; units: number }[] = []
  const shortfall = Math.max(0, -rest)
  // Newest spends first: older ones have drained more, so less of them can be refunded.
  for (const spend of spends.toReversed()) {
    const units = Math.min(rest, spend.units)
    if (units <= 0) break
    // But refunds are sent oldest first: a bucket subtracts the refunds of later spends from what earlier ones can refund.
    surplus.unshift({ spend, units })
    rest -= units
  }
  return { shortfall, surplus }
}
