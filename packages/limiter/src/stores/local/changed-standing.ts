import type { Rule } from '../../core/rule.ts'
import { advanceStanding, STANDING_SIZE, standingEndsAt } from '../../core/standing.ts'
import type { LaidOut, RecordLayout } from './record-layout.ts'
import { standingRule } from './standing-rule.ts'

/** How a standing is changed. */
export interface StandingChange<L extends RecordLayout> {
  readonly layouts: { intern(rules: readonly Rule[]): L }
  readonly now: number
  readonly change: (standing: Float64Array) => void
}

/**
 * What is to stand in a record whose standing is changed, null where it has none: the states of its rules as they were, with the
 * standing behind them as long as that lasts. `remove` where nothing is left, `nothing` where nothing was.
 */
export function changedStanding<L extends RecordLayout>(
  stored: LaidOut<L> | null,
  { layouts, now, change }: StandingChange<L>,
): LaidOut<L> | 'remove' | 'nothing' {
  const at = stored?.layout.standingAt ?? -1
  const standing = at < 0 ? new Float64Array(STANDING_SIZE) : (stored as LaidOut<L>).state.subarray(at)
  advanceStanding(standing, 0, now)
  change(standing)
  const rules = stored?.layout.rules.filter((rule) => rule !== standingRule) ?? []
  const stands = standingEndsAt(standing, 0) > now
  if (!stands && at < 0) return 'nothing'
  if (!stands && rules.length === 0) return 'remove'
  const layout = layouts.intern(stands ? [...rules, standingRule] : rules)
  const state = new Float64Array(layout.workingSize)
  if (stored !== null) state.set(stored.state.subarray(0, layout.workingSize))
  if (stands) state.set(standing, layout.standingAt)
  return { layout, state }
}
