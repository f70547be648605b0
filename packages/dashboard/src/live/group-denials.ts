/** Denials of one key by one rule for one reason, as one. */
import type { BudgetName, Denial } from './admin-answers.ts'

/** Denials that are told of together. */
export interface DenialGroup {
  readonly id: string
  /** The newest. */
  readonly denial: Denial
  /** Whose budget it was; null: nobody's. */
  readonly budget: BudgetName | null
  readonly count: number
}

/** Whose request it was: the key of the policy that denied it, else of any. */
export function deniedBudget({ policy, keys }: Denial): BudgetName | null {
  return keys.find((key) => key.policy === policy) ?? keys[0] ?? null
}

/** Puts denials together that differ in time alone; both are newest first. */
export function groupDenials(denials: readonly Denial[]): DenialGroup[] {
  const groups = new Map<string, DenialGroup>()
  for (const denial of denials) {
    const { policy, rule, reason } = denial
    const budget = deniedBudget(denial)
    const id = JSON.stringify([policy, rule, reason, budget?.policy, budget?.key])
    const known = groups.get(id)
    groups.set(
      id,
      known === undefined ? { id, denial, budget, count: 1 } : { ...known, count: known.count + 1 },
    )
  }
  return [...groups.values()]
}
