import { at } from '../../core/algorithm.ts'
import type { Budget } from '../../core/budget.ts'
import type { Rule } from '../../core/rule.ts'
import { BESIDE_MAX, WINDOWS_MAX } from '../../core/state-identity.ts'
import type { LaidOut, RecordLayout } from './record-layout.ts'
import { standingRule } from './standing-rule.ts'

/** The stored state of one rule. */
interface StoredState {
  readonly rule: Rule
  readonly state: Float64Array
}

/** State in the layout that a budget reads. */
export interface Adopted<L extends RecordLayout> {
  /** The budget's own layout, or one with states of other identities behind. */
  readonly layout: L
  readonly state: Float64Array
  /**
   * Whether even a denial must write. Either state lay in the future, or a new rate starts with what an old one has
   * used: if that were not written, the next call would carry it over again, and the wait told to this one would be
   * wrong.
   */
  readonly mustSave: boolean
  /** See `WorkingCopy.fullUntil`. */
  readonly fullUntil: readonly number[] | null
}

/** For whom and when state is converted. */
interface AdoptTarget<L extends RecordLayout> {
  readonly layout: L
  readonly budget: Budget
  readonly layouts: { intern(rules: readonly Rule[]): L }
  readonly now: number
}

/**
 * Converts state stored in another layout (G12), twin of `adopt.lua`. Rules find their state by identity; a new rate
 * of a bucket starts with what a rate that is no longer in force has used; states of other identities stay until they
 * recover, at most four of a name. The key's standing stays whatever the rules, until it is over.
 */
export function adopt<L extends RecordLayout>(
  { layout: from, state: stored }: LaidOut<L>,
  { layout: to, budget, layouts, now }: AdoptTarget<L>,
): Adopted<L> {
  const all = from.rules.map((rule, i): StoredState => ({ rule, state: from.stateOf(stored, i) }))
  const standing = all.find(({ rule }) => rule === standingRule)
  const isStandingAhead = standing !== undefined && isFuture(standingRule, standing, now)
  if (standing !== undefined) standingRule.algorithm.advance({}, standing.state, 0, now)
  const standings = standing !== undefined && recoversAt(standing) > now ? [standing] : []
  const unclaimed = all.filter(
    (one) => one !== standing && !budget.rules.some((rule) => belongsTo(one, rule)),
  )
  const others = unclaimed.filter((one) => recoversAt(one) > now)
  const own = budget.rules.map((rule) => all.find((one) => belongsTo(one, rule)))
  const missing = budget.rules.filter((_, i) => own[i] === undefined)
  const fullUntil = fullUntilOf(budget.rules, missing, others)
  const beginning = budget.rules.filter((_, i) => !fullUntil?.[i])
  // If every rule finds its state as it is, the others stay even when recovered: Redis does not read them then.
  const isUnchanged = !budget.rules.some((rule, i) => own[i] === undefined || isFuture(rule, own[i], now))
  const beside = isUnchanged
    ? unclaimed
    : latestOf(others.filter((one) => !isEvicted(one, beginning, others)))
  const kept = [...beside, ...standings]
  const storedRules = budget.rules.map((rule, i) => storedRuleOf(rule, own[i]))
  const isOwn = kept.length === 0 && storedRules.every((rule, i) => rule === budget.rules[i])
  const layout = isOwn ? to : layouts.intern([...storedRules, ...kept.map(({ rule }) => rule)])
  const state = new Float64Array(layout.workingSize)
  let mustSave = isStandingAhead
  budget.rules.forEach((rule, i) => {
    const { algorithm, terms } = rule
    const found = own[i]
    if (found === undefined) {
      const target = state.subarray(layout.offsets[i])
      if (!fullUntil?.[i] && carry(rule, others, { budget, target, now })) mustSave = true
      return
    }
    mustSave ||= isFuture(rule, found, now)
    algorithm.advance(terms, found.state, 0, now)
    const { terms: storedTerms } = storedRules[i] as Rule
    const size = algorithm.stateSize(storedTerms) || algorithm.variable?.sizeOf(found.state, 0)
    state.set(found.state.subarray(0, size), layout.offsets[i])
  })
  kept.forEach((one, i) => {
    state.set(one.state, layout.offsets[to.rules.length + i])
  })
  return { layout, state, mustSave, fullUntil }
}

function belongsTo({ rule }: StoredState, { identity }: Rule): boolean {
  return rule.identity.id === identity.id && rule.identity.text === identity.text
}

/**
 * The rule whose layout a state keeps. A state with more entries than its rule has room for keeps its previous one,
 * until a spend makes room: a denial must not change it (G3).
 */
function storedRuleOf(rule: Rule, own: StoredState | undefined): Rule {
  const { algorithm, terms } = rule
  if (own === undefined || algorithm.variable === undefined) return rule
  const room = algorithm.stateSize(terms)
  return room > 0 && algorithm.variable.sizeOf(own.state, 0) > room ? own.rule : rule
}

function isFuture({ algorithm, terms }: Rule, { state }: StoredState, now: number): boolean {
  return algorithm.isFuture(terms, state, 0, now)
}

function recoversAt({ rule: { algorithm, terms }, state }: StoredState): number {
  return algorithm.recoversAt(terms, state, 0)
}

/** Whether a state was spent from later than another; the id breaks ties. */
function isLater(a: StoredState, b: StoredState): boolean {
  const [mine, theirs] = [a.rule.algorithm.spentAt(a.state, 0), b.rule.algorithm.spentAt(b.state, 0)]
  return mine === theirs ? a.rule.identity.id > b.rule.identity.id : mine > theirs
}

/** The {@link BESIDE_MAX} states spent from last: every configuration may bring new names. */
function latestOf(states: readonly StoredState[]): readonly StoredState[] {
  if (states.length <= BESIDE_MAX) return states
  return states.filter((one) => states.filter((other) => isLater(other, one)).length < BESIDE_MAX)
}

function namesakes({ identity }: Rule, others: readonly StoredState[]): StoredState[] {
  return others.filter(({ rule }) => rule.identity.name === identity.name)
}

/** Whether a state is dropped because four others of its name were spent from later. */
function isEvicted(one: StoredState, rules: readonly Rule[], others: readonly StoredState[]): boolean {
  if (!rules.some(({ identity }) => identity.name === one.rule.identity.name)) return false
  return namesakes(one.rule, others).filter((other) => isLater(other, one)).length >= WINDOWS_MAX - 1
}

/** Starts a new rate with what the latest one of its name has used, unless that is in force; returns whether it did. */
function carry(
  rule: Rule,
  others: readonly StoredState[],
  { budget, target, now }: { budget: Budget; target: Float64Array; now: number },
): boolean {
  const { algorithm, terms } = rule
  if (algorithm.carry === undefined) return false
  const [first, ...rest] = namesakes(rule, others).filter((one) => one.rule.algorithm.kind === algorithm.kind)
  if (first === undefined) return false
  const latest = rest.reduce((best, one) => (isLater(one, best) ? one : best), first)
  const isByCall = at(latest.state, 0) % 2 === 1
  if (isByCall || budget.inForce.has(latest.rule.identity.id)) return false
  const source = latest.state.slice()
  algorithm.advance(latest.rule.terms, source, 0, now)
  algorithm.carry(latest.rule.terms, source, terms, target, 0, now)
  return true
}

/** See `WorkingCopy.fullUntil`: a rate that came with a call may not begin where it would be the sixth of its name. */
function fullUntilOf(
  rules: readonly Rule[],
  missing: readonly Rule[],
  others: readonly StoredState[],
): Adopted<RecordLayout>['fullUntil'] {
  const fullUntil = rules.map((rule) => {
    const rivals = rule.byCall && missing.includes(rule) ? namesakes(rule, others) : []
    const own = rules.filter(({ identity }) => identity.name === rule.identity.name).length - 1
    return rivals.length === 0 || rivals.length + own < WINDOWS_MAX ? 0 : Math.min(...rivals.map(recoversAt))
  })
  return fullUntil.some((time) => time > 0) ? fullUntil : null
}
