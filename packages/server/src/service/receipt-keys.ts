import type { KeyView, Receipt } from 'headgate'

/** The budgets that receipts are of. */
export function keysOfReceipts(receipts: readonly Receipt[]): KeyView[] {
  const entries = receipts.flatMap((receipt) => [receipt, ...receipt.others])
  return entries.map(({ origin, key }) => ({ policy: origin.policy, key }))
}
