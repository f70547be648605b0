/** What threads that spend are told to do, see `fixtures/spender.ts`. */
import { type Budget, budgetOf } from '../../src/core/budget.ts'
import { compileRule, type RuleOptions } from '../../src/core/rule.ts'

export interface Order {
  readonly policy: string
  readonly rules: readonly RuleOptions[]
  /** Decisions, each on `together` keys, all different, of the first `keys`. */
  readonly decisions: number
  readonly together: number
  readonly keys: number
  readonly seed: number
  /** Stands still before the atomic operation of this number, until it is woken. */
  readonly stopAt?: number
}

export interface SpenderData {
  readonly memory: SharedArrayBuffer
  /** Whether the thread stands still, at {@link STANDS}, and whether it may go on, at {@link GOES_ON}. */
  readonly signals: SharedArrayBuffer
}

export const STANDS = 0
export const GOES_ON = 1

export function budgetOfOrder({ policy, rules }: Pick<Order, 'policy' | 'rules'>): Budget {
  return budgetOf(
    policy,
    rules.map((rule, i) => compileRule({ name: `rule-${i}`, ...rule }, 'rule')),
  )
}
