import { RESET, type RuleReceipt, VERDICT_SIZE } from '../core/algorithm.ts'
import { spendingRules } from '../core/passing.ts'
import type { Receipt, ReceiptEntry, ReceiptOrigin } from '../core/receipt.ts'
import { nextSpend, processId } from '../core/spend-id.ts'
import type { BudgetRequest, Refund, Verdicts } from '../core/store.ts'
import type { PolicyBudget } from '../policies/policy-budget.ts'

/** A request for units of one budget of a policy. */
export interface PolicyRequest extends BudgetRequest {
  readonly budget: PolicyBudget
}

/** The refund of a spend on one budget of a policy. */
export type PolicyRefund = Refund & PolicyRequest

/** How many numbers a receipt has for each rule: when it recovers, then the five of the verdict from `RECEIPT` on. */
export const NUMBERS_PER_RULE = 6

/** `VERDICT_SIZE` numbers. */
type RuleVerdict = readonly [number, number, number, number, number, number, number, number]

const NO_OTHERS: readonly ReceiptEntry[] = Object.freeze([])

/** The receipt of a spend on one rule in the store. */
export function simpleReceipt({ budget, key, cost }: PolicyRequest, { now, numbers }: Verdicts): Receipt {
  const n = numbers as RuleVerdict
  return {
    origin: budget.origin,
    key,
    cost,
    fallbackId: null,
    // The numbers from RESET on, by literal index to keep this function small enough for V8 to inline.
    numbers: [now + n[2], n[3], n[4], n[5], n[6], n[7]],
    process: processId(),
    spend: nextSpend(),
    others: NO_OTHERS,
  }
}

/** The receipt of a spend. */
export function receiptOf(requests: readonly PolicyRequest[], verdicts: Verdicts): Receipt {
  const { now, times } = verdicts
  const first = requests[0] as PolicyRequest
  const spending = requests.some(({ budget }) => budget.hasShadow)
    ? spendingRules(requests, verdicts.numbers)
    : null
  const { spend = nextSpend() } = first
  return {
    origin: first.budget.origin,
    key: first.key,
    cost: first.cost,
    fallbackId: first.budget.fallbackId ?? null,
    numbers: numbersOf(first, verdicts, { from: 0, now: times?.[0] ?? now, spending }),
    process: processId(),
    spend,
    others: requests.length === 1 ? NO_OTHERS : otherEntries(requests, verdicts, spending),
  }
}

/** For each rule of a spend, whether it spent; null where all did. */
type Spending = readonly boolean[] | null

function otherEntries(
  requests: readonly PolicyRequest[],
  verdicts: Verdicts,
  spending: Spending,
): ReceiptEntry[] {
  const { now, times } = verdicts
  let from = requests[0]?.budget.rules.length ?? 0
  return requests.slice(1).map((request, i) => {
    const { budget, key, cost } = request
    const numbers = numbersOf(request, verdicts, { from, now: times?.[i + 1] ?? now, spending })
    from += budget.rules.length
    return { origin: budget.origin, key, cost, fallbackId: budget.fallbackId ?? null, numbers }
  })
}

/** The numbers of one request, whose verdicts begin after those of `from` other rules: zeros for a rule that did not spend. */
function numbersOf(
  { budget: { rules, bans } }: PolicyRequest,
  { numbers }: Verdicts,
  { from, now, spending }: { readonly from: number; readonly now: number; readonly spending: Spending },
): number[] {
  const { length } = rules
  const copy = new Array<number>(length * NUMBERS_PER_RULE)
  for (let r = 0; r < length; r++) {
    const source = (from + r) * VERDICT_SIZE
    const target = r * NUMBERS_PER_RULE
    if (spending?.[from + r] === false) {
      copy.fill(0, target, target + NUMBERS_PER_RULE)
      continue
    }
    copy[target] = now + (numbers[source + RESET] as number)
    for (let n = 1; n < NUMBERS_PER_RULE; n++) copy[target + n] = numbers[source + RESET + n] as number
  }
  if (bans !== undefined) copy.push(now)
  return copy
}

/**
 * The refunds of up to `cost` units of one receipt, for the store. `findBudget` returns the budget that now stands for the
 * one in the receipt, or undefined where its policy was removed.
 */
export function refundsOf(
  receipt: Receipt,
  cost: number,
  findBudget: (origin: ReceiptOrigin, key: string) => PolicyBudget | undefined,
): PolicyRefund[] {
  const id = receipt.process + receipt.spend.toString(36)
  const refunds: PolicyRefund[] = []
  for (const entry of [receipt, ...receipt.others]) {
    const budget = findBudget(entry.origin, entry.key)
    const rules = budget?.origin.rules.map((identity) => ruleReceipt(entry, identity)) ?? []
    // Policies may have different costs, and one may have spent nothing.
    if (budget === undefined || entry.cost === 0 || rules.every((rule) => rule === undefined)) continue
    const fallbackId = entry.fallbackId ?? undefined
    const undoneAtUs =
      cost < entry.cost ? undefined : entry.numbers[entry.origin.rules.length * NUMBERS_PER_RULE]
    refunds.push({
      budget,
      key: entry.key,
      cost: Math.min(cost, entry.cost),
      id,
      rules,
      fallbackId,
      undoneAtUs,
    })
  }
  return refunds
}

/** What a receipt holds of one rule; undefined for a rule that was not part of the spend. */
function ruleReceipt({ origin, numbers }: ReceiptEntry, identity: string): RuleReceipt | undefined {
  const at = origin.rules.indexOf(identity) * NUMBERS_PER_RULE
  if (at < 0) return undefined
  const [recoversAtUs, incarnation, returned, credited, stood, since] = numbers.slice(
    at,
    at + NUMBERS_PER_RULE,
  )
  // A rule in shadow that did not pass.
  if (recoversAtUs === 0) return undefined
  return { recoversAtUs, incarnation, returned, credited, stood, since } as RuleReceipt
}
