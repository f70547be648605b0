import type { RuleView } from 'headgate'
import { durationText } from './duration-text.ts'
import { printable } from './printable.ts'
import { rateText } from './rate-text.ts'
import type { ShownDecision } from './read-decision.ts'
import { NOTHING, tableText } from './table-text.ts'

/** What made a decision where it was not the store, in words. */
const SOURCES: Readonly<Record<string, string>> = {
  lease: 'decided by units that the service holds',
  'deny-cache': 'repeated without asking the store',
  fallback: 'the store does not answer: decided by this replica alone',
  open: 'the store does not answer: everything passes',
  closed: 'the store does not answer: everything is denied',
}

const HEADINGS = ['POLICY', 'RULE', 'RATE', 'LIMIT', 'LEFT', 'WAIT', 'ALL BACK IN']

/** A decision for people: what is answered, and how each rule stands. */
export function decisionLines(decision: ShownDecision): string[] {
  const { source, rules, shadow, id } = decision
  const told = SOURCES[source]
  return [
    headline(decision),
    ...(told === undefined ? [] : [told]),
    ...spaced(tableText(HEADINGS, rules.map(ruleRow))),
    ...spaced(tableText(['IN SHADOW', ...HEADINGS.slice(1)], shadow.map(ruleRow))),
    ...(id === undefined ? [] : ['', `id ${printable(id)}`]),
  ]
}

function headline({ allowed, reason, policy, rule, retryAfterMs }: ShownDecision): string {
  const binding = policy === null ? '' : ` by ${printable(policy)}, rule ${printable(rule ?? NOTHING)}`
  if (allowed) return `allowed (${printable(reason)})${binding}`
  const wait = retryAfterMs === null ? 'no wait helps' : `try again in ${durationText(retryAfterMs)}`
  return `denied (${printable(reason)})${binding}: ${wait}`
}

function ruleRow({
  policy,
  rule,
  rate,
  limit,
  remaining,
  retryAfterMs,
  resetAfterMs,
}: RuleView): (string | number)[] {
  const wait = retryAfterMs === null ? 'never' : retryAfterMs === 0 ? NOTHING : durationText(retryAfterMs)
  const reset = resetAfterMs === 0 ? NOTHING : durationText(resetAfterMs)
  return [policy, rule, rateText(rate), limit, remaining, wait, reset]
}

function spaced(lines: string[]): string[] {
  return lines.length === 0 ? [] : ['', ...lines]
}
