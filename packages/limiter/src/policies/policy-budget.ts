import { type Budget, budgetOf } from '../core/budget.ts'
import { type Duration, parseDuration } from '../core/duration.ts'
import { wrong } from '../core/errors.ts'
import type { PolicyOptions } from '../core/policy-options.ts'
import type { ReceiptOrigin } from '../core/receipt.ts'
import type { Rule } from '../core/rule.ts'
import { checkFields, checkList, isWhole } from '../core/validate.ts'
import { LEASE_LIFETIME } from './describe-rule.ts'

/** A budget of a policy: of its own rules, of one override, or of rates that came with a call. */
export interface PolicyBudget extends Budget {
  /** What receipts record, to find the budget again. */
  readonly origin: ReceiptOrigin
}

/** Which rules of a policy a budget is made of, for its receipts, and all rules of the policy. */
export interface BudgetSource extends Pick<ReceiptOrigin, 'override' | 'limit' | 'rule'> {
  /** All rules of the policy, its overrides' and those in shadow too. */
  readonly inForce: readonly Rule[]
  /**
   * Whether the policy denies the request, or only counts.
   * @default true
   */
  readonly enforces?: boolean
}

/** The budget of compiled rules of a policy. */
export function createPolicyBudget(
  { name, onStoreError, store, lease, ban, overdraw = false }: PolicyOptions,
  rules: readonly Rule[],
  { inForce, override, limit, rule, enforces = true }: BudgetSource,
): PolicyBudget {
  const budget = budgetOf(name, rules, { inForce, enforces, overdraw })
  const mayLease = ban === undefined && !overdraw && !budget.hasShadow
  const identities = budget.rules.map(({ identity }) => identity.text)
  return {
    ...budget,
    onStoreError,
    store,
    // Offences, debts and what is in shadow must reach the store.
    lease: mayLease ? compileLease(lease, 'lease') : undefined,
    bans: enforces ? compileBan(ban, 'ban') : undefined,
    origin: freeze({ policy: name, override, limit, rules: identities, ...(rule && { rule }) }),
  }
}

/** Frozen, since all receipts of a budget share one origin: a program that changes one must not change the others. */
function freeze(origin: ReceiptOrigin): ReceiptOrigin {
  const limit = Object.freeze(
    origin.limit.map((rate) => (typeof rate === 'string' ? rate : Object.freeze({ ...rate }))),
  )
  return Object.freeze({ ...origin, limit, rules: Object.freeze(origin.rules) })
}

/** Checks lease options; a mistake is an error at `path`. */
export function compileLease(lease: PolicyOptions['lease'], path: string): Budget['lease'] {
  if (lease === undefined) return undefined
  checkFields(lease, ['max', 'lifetime'], path)
  const { max, lifetime = LEASE_LIFETIME } = lease
  if (!isWhole(max, 1))
    throw wrong(max, 'is not a number of units; use a whole number of 1 or more', `${path}.max`)
  return { max, lifetimeUs: parseDuration(lifetime, `${path}.lifetime`) * 1000 }
}

/** Most bans of a policy. */
const BANS_MAX = 16

/** Checks the durations of bans, and returns them in microseconds; a mistake is an error at `path`. */
export function compileBan(ban: PolicyOptions['ban'], path: string): Budget['bans'] {
  if (ban === undefined) return undefined
  checkList(ban, { max: BANS_MAX, what: 'durations, such as [1m, 10m, 1h]' }, path)
  return ban.map((duration: Duration, i) => parseDuration(duration, `${path}[${i}]`) * 1000)
}
