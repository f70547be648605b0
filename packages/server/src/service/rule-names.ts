import type { PolicyOptions } from 'headgate'
import { compilePolicies } from 'headgate/policies'

/** Names of all rules that a policy has: of its overrides and in shadow too; none that a call brings along. */
export function ruleNames({ store: _, ...policy }: PolicyOptions): ReadonlySet<string> {
  const [view] = compilePolicies([policy])
  const variants =
    view === undefined ? [] : [view.rules, view.shadow, ...view.overrides.map(({ rules }) => rules)]
  return new Set(variants.flat().map(({ name }) => name))
}
