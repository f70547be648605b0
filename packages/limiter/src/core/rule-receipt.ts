import { RECEIPT, RESET, type RuleReceipt } from './algorithm.ts'

/** The receipt of a spend on one rule, from its verdict, which begins at index `from` and was made at `nowUs`. */
export function ruleReceiptOf(numbers: ArrayLike<number>, from: number, nowUs: number): RuleReceipt {
  const first = from + RECEIPT
  return {
    recoversAtUs: nowUs + (numbers[from + RESET] as number),
    incarnation: numbers[first] as number,
    returned: numbers[first + 1] as number,
    credited: numbers[first + 2] as number,
    stood: numbers[first + 3] as number,
    since: numbers[first + 4] as number,
  }
}
