import type { RuleDescription } from 'headgate/policies'
import { type Change, type Effect, effectOf } from './change.ts'
import type { ChangedField } from './changed-fields.ts'
import { sayField } from './say-value.ts'

/** One rule before and after, by the path of names that it has, and its fields that differ. */
export interface RulePair {
  readonly path: string
  readonly before: RuleDescription
  readonly after: RuleDescription
  readonly fields: readonly ChangedField[]
}

/** What the change of a rule means: who gets more, and whether what was spent is counted on (guarantee G12). */
export function ruleChanges({ path, before, after, fields }: RulePair): Change[] {
  if (fields.length === 0) return []
  const effect = effectOfRule(before, after)
  const words = fields.map((field) => `${field.path.join('.')}: ${sayField(field)}`).join(', ')
  const worst = before.worstCase === after.worstCase ? '' : `; now ${after.worstCase}`
  const said: Change[] = [{ path, effect, message: `${words}${worst}` }]
  if (before.denies || after.denies) return said
  const isKept = before.identity === after.identity
  if (isKept) return said.map((one) => ({ ...one, message: `${one.message}; what was spent counts on` }))
  const message =
    'another budget, since its window, algorithm or rate is another: what was spent is not counted'
  return [...said, { path, effect: 'fresh', message }]
}

function effectOfRule(before: RuleDescription, after: RuleDescription): Effect {
  const rate = effectOf(before.limit / before.windowMs, after.limit / after.windowMs)
  const capacity = effectOf(before.capacity, after.capacity)
  if (rate === capacity || capacity === 'other') return rate
  return rate === 'other' ? capacity : 'other'
}
