import { RESET, type RuleReceipt, VERDICT_SIZE } from '../core/algorithm.ts'
import type { Receipt, ReceiptEntry, ReceiptOrigin } from '../core/receipt.ts'
import { nextSpend, processId } from '../core/spend-id.ts'
import type { BudgetRequest, Refund, Verdicts } from '../core/store.ts'
import type { PolicyBudget } from '../policies/compile-policy.ts'

/** One budget of a policy asked for units. */
export interface PolicyRequest extends BudgetRequest {
  readonly budget: PolicyBudget
}

/** One spend on a budget of a policy, to be taken back. */
export type PolicyRefund = Refund & PolicyRequest

/** Numbers of one rule in a receipt. */
export const RULE_NUMBERS = 6

type Eight = readonly [number, number, number, number, number, number, number, number]

const NO_OTHERS: readonly ReceiptEntry[] = Object.freeze([])

/** The receipt of a spend on one rule in the store. */
export function simpleReceipt({ budget, key, cost }: PolicyRequest, { now, numbers }: Verdicts): Receipt {
  const n = numbers as Eight
  return {
    origin: budget.origin,
    key,
    cost,
    fallbackId: null,
    // From RESET on. Digits, since this has to stay small enough for V8 to inline it.
    numbers: [now + n[2], n[3], n[4], n[5], n[6], n[7]],
    process: processId,
    spend: nextSpend(),
    others: NO_OTHERS,
  }
}

/** The receipt of a spend. */
export function receiptOf(requests: readonly PolicyRequest[], verdicts: Verdicts): Receipt {
  const { now, times } = verdicts
  const first = requests[0] as PolicyRequest
  const { spend = nextSpend() } = first
  return {
    origin: first.budget.origin,
    key: first.key,
    cost: first.cost,
    fallbackId: first.budget.fallbackId ?? null,
    numbers: numbersOf(first, verdicts, { from: 0, now: times?.[0] ?? now }),
    process: processId,
    spend,
    others: requests.length === 1 ? NO_OTHERS : otherEntries(requests, verdicts),
  }
}

function otherEntries(requests: readonly PolicyRequest[], verdicts: Verdicts): ReceiptEntry[] {
  const { now, times } = verdicts
  let from = requests[0]?.budget.rules.length ?? 0
  return requests.slice(1).map((request, i) => {
    const { budget, key, cost } = request
    const numbers = numbersOf(request, verdicts, { from, now: times?.[i + 1] ?? now })
    from += budget.rules.length
    return { origin: budget.origin, key, cost, fallbackId: budget.fallbackId ?? null, numbers }
  })
}

/** Numbers of the rules of one request, which stand `from` that many rules on. */
function numbersOf(
  { budget }: PolicyRequest,
  { numbers }: Verdicts,
  { from, now }: { readonly from: number; readonly now: number },
): number[] {
  const { length } = budget.rules
  const copy = new Array<number>(length * RULE_NUMBERS)
  for (let r = 0; r < length; r++) {
    const source = (from + r) * VERDICT_SIZE
    const target = r * RULE_NUMBERS
    copy[target] = now + (numbers[source + RESET] as number)
    for (let n = 1; n < RULE_NUMBERS; n++) copy[target + n] = numbers[source + RESET + n] as number
  }
  return copy
}

/** What the store is asked to take back, up to `cost` units; `find` answers today's budget, undefined where it is gone. */
export function refundsOf(
  receipt: Receipt,
  cost: number,
  find: (origin: ReceiptOrigin) => PolicyBudget | undefined,
): PolicyRefund[] {
  const id = receipt.process + receipt.spend.toString(36)
  const refunds: PolicyRefund[] = []
  for (const entry of [receipt, ...receipt.others]) {
    const budget = find(entry.origin)
    const rules = budget?.origin.rules.map((identity) => ruleReceipt(entry, identity)) ?? []
    if (budget === undefined || rules.every((rule) => rule === undefined)) continue
    const fallbackId = entry.fallbackId ?? undefined
    refunds.push({ budget, key: entry.key, cost: Math.min(cost, entry.cost), id, rules, fallbackId })
  }
  return refunds
}

/** What a receipt says of one rule; undefined where it was not spent from. */
function ruleReceipt({ origin, numbers }: ReceiptEntry, identity: string): RuleReceipt | undefined {
  const at = origin.rules.indexOf(identity) * RULE_NUMBERS
  if (at < 0) return undefined
  const [recoversAtUs, incarnation, returned, credited, stood, since] = numbers.slice(at, at + RULE_NUMBERS)
  return { recoversAtUs, incarnation, returned, credited, stood, since } as RuleReceipt
}
