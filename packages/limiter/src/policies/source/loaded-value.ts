import { invalid, wrong } from '../../core/errors.ts'
import type { PolicyOptions } from '../../core/policy-options.ts'
import type { RuleOptions } from '../../core/rule.ts'
import { isRecord } from '../../core/validate.ts'

/** What `load` returned as policies. One without a `key` counts by the key of the source alone, as `global` does. */
export function policiesOf(loaded: unknown, path: string): readonly PolicyOptions[] {
  const items: readonly unknown[] = Array.isArray(loaded) ? loaded : [loaded]
  for (const item of items) {
    if (typeof item === 'string' || isRecord(item)) continue
    throw wrong(
      item,
      'is no limit; return a rate such as 100/min, a rule, policies, or [] for no limit',
      path,
    )
  }
  const policies = items.filter(isPolicy)
  if (policies.length === items.length) return policies.map((policy) => ({ key: 'global', ...policy }))
  if (policies.length > 0) throw invalid(path, 'policies and rates are both there; return one or the other')
  return [{ name: 'default', key: 'global', rules: items.map(ruleOf) }]
}

function isPolicy(item: unknown): item is PolicyOptions {
  return isRecord(item) && 'rules' in item
}

/** A rate as an object is the limit of a rule. */
function ruleOf(item: unknown): RuleOptions | string {
  return isRecord(item) && 'window' in item ? { limit: item as never } : (item as RuleOptions | string)
}
