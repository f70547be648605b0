/** Budgets of which each has another limit, so that what remains of it says whose answer it is. */
import type { OnStoreError } from '../../src/core/on-store-error.ts'
import type { PolicyOptions } from '../../src/core/policy-options.ts'

/** Callers of each mode, each with a key of its own. */
export const CALLERS = 256
/** Much more than a caller asks for in one run: no two budgets ever have the same amount left. */
const SPACING = 20_000
/** So many processes that the share of caller i is i + 1 units, which are soon gone and do not come back. */
export const REPLICAS = SPACING

/** The capacity of the budget of one caller. */
export function capacityOf(caller: number): number {
  return SPACING * (caller + 1)
}

/** What one of `REPLICAS` processes may admit to that caller in place of the store. */
export function shareOf(caller: number): number {
  return capacityOf(caller) / REPLICAS
}

export function policyName(mode: OnStoreError, caller: number): string {
  return `${mode}-${caller}`
}

/** In a window that is not over before the test is, so that nothing drains. */
export function policiesOf(mode: OnStoreError): PolicyOptions[] {
  return Array.from({ length: CALLERS }, (_, caller) => ({
    name: policyName(mode, caller),
    rules: [{ name: 'all', algorithm: 'fixed-window', limit: { limit: capacityOf(caller), window: '30d' } }],
  }))
}
