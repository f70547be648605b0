/** What is admitted, what is denied and why: the sentence on top of the page. */
import { type DeniedRule, hasMinute } from '../live/denied-rules.ts'
import { countText, plural, shareOf, shareText } from './numbers.ts'
import { spanText } from './times.ts'

/** What the sentence is about. */
export interface RecentOutcomes {
  readonly allowed: number
  readonly denied: number
  readonly shadowDenied: number
  /** How long that is, in milliseconds. */
  readonly spanMs: number
}

/** Says in one to three sentences what happened in the last minutes. */
export function whyText(recent: RecentOutcomes, rules: readonly DeniedRule[]): string {
  const { allowed, denied, shadowDenied, spanMs } = recent
  const all = allowed + denied
  const during = `in the last ${spanText(Math.max(1000, spanMs))}`
  if (all === 0) return `Nobody asked ${during}.`
  const admitted = `${plural(allowed, 'request')} admitted ${during}`
  if (denied === 0) return `${admitted}, none denied.${shadowText(shadowDenied)}`
  const share = shareText(shareOf(denied, all))
  return `${admitted}, ${countText(denied)} denied (${share}).${causeText(rules)}${shadowText(shadowDenied)}`
}

function causeText(rules: readonly DeniedRule[]): string {
  const isRecent = hasMinute(rules) && rules.some(({ recentDenied }) => recentDenied > 0)
  const countOf = (rule: DeniedRule): number => (isRecent ? rule.recentDenied : rule.denied)
  const total = rules.reduce((sum, rule) => sum + countOf(rule), 0)
  const worst = [...rules].sort((a, b) => countOf(b) - countOf(a))[0]
  if (worst === undefined || total === 0) return ''
  const share = shareOf(countOf(worst), total)
  const during = isRecent ? 'in the last minute' : 'since the start'
  const name = ruleName(worst)
  return share === 1 ? ` All by ${name} ${during}.` : ` Most by ${name} ${during} (${shareText(share)}).`
}

function shadowText(shadowDenied: number): string {
  if (shadowDenied === 0) return ''
  return ` Rules in shadow would have denied ${countText(shadowDenied)}.`
}

/** A rule with its policy, as decisions name them. */
export function ruleName({ policy, rule }: Pick<DeniedRule, 'policy' | 'rule'>): string {
  if (policy === null) return 'no policy (lists, or none matched)'
  return rule === null ? `${policy} (other rules)` : `${policy}/${rule}`
}
