/** Denials by rule, a second each: what changes from one snapshot to the next. */
import type { Outcomes, PolicyOutcomes, Snapshot } from './admin-answers.ts'

/** How many seconds are kept of each rule. */
export const RULE_SECONDS = 60
/** Most rules that are followed. */
const RULES_MAX = 200

/** What one rule denies. */
export interface DeniedRule {
  readonly policy: string | null
  /** Null: all others of a policy: gone, or too many to be told of. */
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

/** What all policies together denied since the snapshot before. */
export type Growth = Pick<Outcomes, 'denied' | 'shadowDenied'>

/** Takes a snapshot into account; after a restart of the service, without `growth`, everything begins anew. */
export function followRules(
  known: RuleTable,
  { policies }: Pick<Snapshot, 'policies'>,
  growth: Growth | null,
): RuleTable {
  const next = new Map(growth === null ? [] : known)
  const seen = new Set<string>()
  for (const { policy, rule, denied, shadowDenied } of policies.flatMap(rulesOf)) {
    const id = idOf(policy, rule)
    const before = next.get(id)
    if (before === undefined && next.size >= RULES_MAX) continue
    seen.add(id)
    // What is told of for the first time may have denied long ago, but no more just now than all together.
    const grown = (name: keyof Growth, now: number): number =>
      Math.min(growth?.[name] ?? 0, Math.max(0, now - (before?.[name] ?? 0)))
    const perSecond = pushed(before?.perSecond, grown('denied', denied))
    const shadowPerSecond = pushed(before?.shadowPerSecond, grown('shadowDenied', shadowDenied))
    next.set(id, { policy, rule, denied, shadowDenied, ...summed(perSecond, shadowPerSecond) })
  }
  for (const [id, one] of next) {
    if (!seen.has(id))
      next.set(id, { ...one, ...summed(pushed(one.perSecond, 0), pushed(one.shadowPerSecond, 0)) })
  }
  return next
}

/** For how many seconds rules are followed, at most a minute. */
export function secondsFollowed(rules: Iterable<Pick<DeniedRule, 'perSecond'>>): number {
  return Math.max(0, ...[...rules].map(({ perSecond }) => perSecond.length))
}

/**
 * Whether a whole minute of rules was seen. Before, what they denied lately is what the page happened to see: counts since the start
 * say more.
 */
export function hasMinute(rules: Iterable<Pick<DeniedRule, 'perSecond'>>): boolean {
  return secondsFollowed(rules) >= RULE_SECONDS
}

/** Rules that denied, or would have, the busiest of the last minute first; before one was seen, those of the time since the start. */
export function busiestRules(table: RuleTable): DeniedRule[] {
  const busy = [...table.values()].filter(({ denied, shadowDenied }) => denied + shadowDenied > 0)
  const bySinceStart = (a: DeniedRule, b: DeniedRule): number =>
    b.denied - a.denied || b.shadowDenied - a.shadowDenied
  if (!hasMinute(busy)) return busy.sort(bySinceStart)
  return busy.sort(
    (a, b) => b.recentDenied - a.recentDenied || b.recentShadow - a.recentShadow || bySinceStart(a, b),
  )
}

/** Rules that are told by name, and what is left of their policy: mostly nothing. */
function rulesOf({
  policy,
  rules = [],
  ...whole
}: PolicyOutcomes): Pick<DeniedRule, 'policy' | 'rule' | 'denied' | 'shadowDenied'>[] {
  const named = rules.filter(({ rule }) => rule !== null)
  const left = (name: keyof Growth): number => Math.max(0, whole[name] - sum(named.map((one) => one[name])))
  const rest = { rule: null, denied: left('denied'), shadowDenied: left('shadowDenied') }
  const isRest = rest.denied + rest.shadowDenied > 0
  return [...named, ...(isRest ? [rest] : [])].map((one) => ({ policy, ...one }))
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
