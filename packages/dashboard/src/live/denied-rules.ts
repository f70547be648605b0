/** Denials by rule, a second each: what changes from one snapshot to the next. */
import type { PolicyOutcomes, Snapshot } from './admin-answers.ts'

/** How many seconds are kept of each rule. */
export const RULE_SECONDS = 60
/** Most rules that are followed. */
const RULES_MAX = 200

/** What one rule denies. */
export interface DeniedRule {
  readonly policy: string | null
  /** Null: of a policy as a whole. */
  readonly rule: string | null
  /** Since the service started. */
  readonly denied: number
  readonly shadowDenied: number
  /** Denied in each of the last seconds; oldest first. */
  readonly perSecond: readonly number[]
  readonly shadowPerSecond: readonly number[]
  /** Denied in the last minute. */
  readonly recentDenied: number
  readonly recentShadow: number
}

/** What is known of each rule so far, by `idOf`. */
export type RuleTable = ReadonlyMap<string, DeniedRule>

/** Takes a snapshot into account; after a restart of the service everything begins anew. */
export function followRules(
  known: RuleTable,
  { policies }: Pick<Snapshot, 'policies'>,
  isFirst: boolean,
): RuleTable {
  const next = new Map(isFirst ? [] : known)
  const seen = new Set<string>()
  for (const { policy, rule, denied, shadowDenied } of policies.flatMap(rulesOf)) {
    const id = idOf(policy, rule)
    const before = next.get(id)
    if (before === undefined && next.size >= RULES_MAX) continue
    seen.add(id)
    // What denies for the first time had none before.
    const grown = (now: number, then: number): number => (isFirst ? 0 : Math.max(0, now - then))
    const perSecond = pushed(before?.perSecond, grown(denied, before?.denied ?? 0))
    const shadowPerSecond = pushed(before?.shadowPerSecond, grown(shadowDenied, before?.shadowDenied ?? 0))
    next.set(id, { policy, rule, denied, shadowDenied, ...summed(perSecond, shadowPerSecond) })
  }
  for (const [id, one] of next) {
    if (!seen.has(id))
      next.set(id, { ...one, ...summed(pushed(one.perSecond, 0), pushed(one.shadowPerSecond, 0)) })
  }
  return next
}

/** Rules that denied, or would have, the busiest of the last minute first. */
export function busiestRules(table: RuleTable): DeniedRule[] {
  const busy = [...table.values()].filter(({ denied, shadowDenied }) => denied + shadowDenied > 0)
  return busy.sort(
    (a, b) => b.recentDenied - a.recentDenied || b.recentShadow - a.recentShadow || b.denied - a.denied,
  )
}

function rulesOf({
  policy,
  rules,
  ...whole
}: PolicyOutcomes): Pick<DeniedRule, 'policy' | 'rule' | 'denied' | 'shadowDenied'>[] {
  if (rules !== undefined && rules.length > 0) return rules.map((one) => ({ policy, ...one }))
  return [{ policy, rule: null, denied: whole.denied, shadowDenied: whole.shadowDenied }]
}

function idOf(policy: string | null, rule: string | null): string {
  return JSON.stringify([policy, rule])
}

function pushed(seconds: readonly number[] = [], one: number): readonly number[] {
  return [...seconds.slice(1 - RULE_SECONDS), one]
}

function summed(perSecond: readonly number[], shadowPerSecond: readonly number[]) {
  return { perSecond, shadowPerSecond, recentDenied: sum(perSecond), recentShadow: sum(shadowPerSecond) }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
