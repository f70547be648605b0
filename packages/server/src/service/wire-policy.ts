import type { BudgetOptions } from 'headgate'

/** Name under which rules that come with calls over HTTP count; no policy may have it. */
export const HTTP_POLICY = 'http'

/** Stands for all rules that count under that name: to reach what is kept there, any of them will do. */
const ANY_RULE = { limit: '1/s' } as const

/** Options by which a reset or a block reaches a policy, or what rules of calls count under their name. */
export function reaching({ policy }: Pick<BudgetOptions, 'policy'>): BudgetOptions {
  if (policy === undefined) return {}
  return policy === HTTP_POLICY ? { policy, rule: ANY_RULE } : { policy }
}
