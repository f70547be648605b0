/** Parts that scripts of one request and of several share. */

import { EDGES_NEEDED } from './reply-marks.ts'
import { ADMITS, VERBS } from './request-text.ts'
import type { RuleText } from './rule-text.ts'

/** Charges and credits do not ask whether rules pass. */
export const ENFORCED = { enforced: `verb ~= ${VERBS.charge} and verb ~= ${VERBS.credit}` }

/** The kinds of custom algorithms, each once: in this order scripts have their functions. */
export function customKinds(rules: readonly RuleText[]): string[] {
  return [...new Set(rules.filter(({ shape }) => shape.custom).map(({ shape }) => shape.kind))]
}

/** The variables of a custom algorithm beside its terms: these as a list, the format of its state, and its function. */
export function customLocals(rule: RuleText, rules: readonly RuleText[]): string {
  if (!rule.shape.custom) return ''
  const index = customKinds(rules).indexOf(rule.shape.kind) + 1
  const terms = Array.from({ length: rule.shape.moreTerms }, (_, i) => `$term${i + 1}`).join(', ')
  return rule.named(
    `local $list, $format, $run = { ${terms} }, '<${'d'.repeat(rule.shape.words)}', functions[${index}]\n`,
  )
}

/** Sets `outside`: whether the server's time is outside the calendar edges of a rule. */
export function outside(rules: readonly RuleText[], bind: (rule: RuleText) => string): string {
  const checks = rules
    .filter((rule) => rule.has('outside'))
    .map((rule) => `do\n${bind(rule)}if ${rule.text('outside')} then outside = true end\nend\n`)
  return checks.length === 0 ? '' : `local outside = false\n${checks.join('')}`
}

/** Replies that edges are needed, and skips what the body holds of the decision. */
export function skipBlock(rules: readonly RuleText[]): string {
  return `if verb == ${VERBS.acquire} then body_at = body_at + 8 end
if verb == ${VERBS.refund} then
body_at, refunded_key = body_at + ${16 + 40 * rules.length}, refunded_key + 1
end
n = n + 1
reply[n] = ${EDGES_NEEDED}
`
}

/** See `RequestText.together`: of a policy in shadow it is a variable of its own, so that its rules deny nothing. */
export function togetherOf(rules: readonly RuleText[], number: number): string {
  return rules.every(({ shape }) => shape.role !== 'enforced') ? `together_${number}` : ADMITS
}

/** Variables of a rule that change with each decision. */
export function variablesOf({ fields }: RuleText): string[] {
  return [...fields, 'wait', 'given', 'snapshot']
}
