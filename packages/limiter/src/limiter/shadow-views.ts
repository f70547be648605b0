/** Tells apart what decides and what only counts in the verdicts on a call. */

import { BLOCKED, NEVER, RECEIPT, REMAINING, RESET, VERDICT_SIZE, WAIT } from '../core/algorithm.ts'
import { NO_SHADOW, type ShadowView } from '../core/decision.ts'
import type { Rule } from '../core/rule.ts'
import { TOO_MANY_WINDOWS, type Verdicts } from '../core/store.ts'
import type { PolicyBudget } from '../policies/policy-budget.ts'
import type { PolicyRequest } from './make-receipt.ts'
import { ruleView, type StoreCall } from './rule-views.ts'

/** The verdicts of the rules that decide, and what the others would have said. */
export interface JudgedCall<C extends StoreCall = StoreCall> {
  readonly call: C
  readonly verdicts: Verdicts
  readonly shadow: readonly ShadowView[]
}

/** Leaves the rules that decide; the requests of policies in shadow are left out. */
export function judgedCall(call: StoreCall, verdicts: Verdicts): JudgedCall {
  if (call.requests.every(({ budget }) => !budget.hasShadow)) {
    return { call, verdicts, shadow: call.deniedInShadow ?? NO_SHADOW }
  }
  const requests: PolicyRequest[] = []
  const numbers: number[] = []
  const shadow: ShadowView[] = []
  let from = 0
  for (const request of call.requests) {
    const { budget } = request
    const enforced: Rule[] = []
    for (const rule of budget.rules) {
      if (budget.enforces && !rule.shadow) {
        enforced.push(rule)
        for (let i = 0; i < VERDICT_SIZE; i++) numbers.push(verdicts.numbers[from + i] as number)
      } else shadow.push(shadowView(call, budget.policy, { rule, verdicts, from }))
      from += VERDICT_SIZE
    }
    shadow.push(...deniedViews(budget))
    if (enforced.length > 0) requests.push({ ...request, budget: { ...budget, rules: enforced } })
  }
  shadow.push(...(call.deniedInShadow ?? NO_SHADOW))
  return { call: { ...call, requests }, verdicts: { ...verdicts, numbers }, shadow }
}

/** The views of rules in shadow with a limit of 0. */
export function deniedViews({ policy, denyingShadows }: PolicyBudget): ShadowView[] {
  return denyingShadows.map((rule) => ({
    ...ruleView(policy, rule, { wait: NEVER, remaining: 0, reset: 0 }),
    allowed: false,
  }))
}

interface RuleVerdict {
  readonly rule: Rule
  readonly verdicts: Verdicts
  /** Index of its first number. */
  readonly from: number
}

function shadowView(
  { verb }: StoreCall,
  policy: string,
  { rule, verdicts: { numbers }, from }: RuleVerdict,
): ShadowView {
  const told = numbers[from + WAIT] as number
  const reset = numbers[from + RESET] as number
  // A credit has the units given back in that place, and one window too many the time until one has recovered in the other.
  const wait = verb === 'credit' ? 0 : told === TOO_MANY_WINDOWS ? reset : told
  const view = ruleView(policy, rule, { wait, remaining: numbers[from + REMAINING] as number, reset })
  const isBlocked = wait > 0 && verb !== 'credit' && numbers[from + RECEIPT] === BLOCKED
  return { ...view, allowed: wait === 0, ...(isBlocked && { blocked: true as const }) }
}
