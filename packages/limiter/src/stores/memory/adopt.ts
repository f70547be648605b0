import { at } from '../../core/algorithm.ts'
import type { Budget } from '../../core/budget.ts'
import type { Rule } from '../../core/rule.ts'
import { BESIDE_MAX, WINDOWS_MAX } from '../../core/state-identity.ts'
import type { Layout } from './layout.ts'
import type { Layouts } from './layouts.ts'

/** State of one rule as it was stored. */
interface Stored {
  readonly rule: Rule
  readonly state: Float64Array
}

/** State in the form a budget reads. */
export interface Adopted {
  /** The budget's own layout, or one with what stays of other identities behind it. */
  readonly layout: Layout
  readonly state: Float64Array
  /**
   * Whether even a denial must write: state lay in the future, or a new rate begins with what an old one has used, and
   * would begin so again with the next call, whatever wait it was told.
   */
  readonly mustSave: boolean
  /** See `RecordCursor.full`. */
  readonly full: readonly number[] | null
}

/**
 * Reads state stored under another layout (G12): rules find theirs by identity; a new rate of a bucket begins with what
 * a rate that is no longer in force has used; whatever else has not recovered stays beside, at most four of a name.
 */
export function adopt(
  from: Layout,
  stored: Float64Array,
  { layout: to, budget, layouts }: { layout: Layout; budget: Budget; layouts: Layouts },
  now: number,
): Adopted {
  const all = from.rules.map((rule, i): Stored => ({ rule, state: from.stateOf(stored, i) }))
  const beside = all.filter((one) => !budget.rules.some((rule) => isOf(rule, one)))
  const others = beside.filter((one) => recoversAt(one) > now)
  const own = budget.rules.map((rule) => all.find((one) => isOf(rule, one)))
  const missing = budget.rules.filter((_, i) => own[i] === undefined)
  const full = fullFor(budget.rules, missing, others)
  const beginning = budget.rules.filter((_, i) => !full?.[i])
  // Where each rule finds its own, nothing else is touched, as in Redis, which then has no look at it.
  const isArranged = !budget.rules.some((rule, i) => own[i] === undefined || isFuture(rule, own[i], now))
  const kept = isArranged ? beside : latestOf(others.filter((one) => !isSupplanted(one, beginning, others)))
  const holders = budget.rules.map((rule, i) => holderOf(rule, own[i]))
  const isOwn = kept.length === 0 && holders.every((holder, i) => holder === budget.rules[i])
  const layout = isOwn ? to : layouts.intern([...holders, ...kept.map(({ rule }) => rule)])
  const state = new Float64Array(layout.span)
  let mustSave = false
  budget.rules.forEach((rule, i) => {
    const { algorithm, terms } = rule
    const found = own[i]
    if (found === undefined) {
      mustSave =
        (!full?.[i] && carry(rule, others, budget, state.subarray(layout.offsets[i]), now)) || mustSave
      return
    }
    mustSave ||= isFuture(rule, found, now)
    algorithm.advance(terms, found.state, 0, now)
    const held = (holders[i] as Rule).terms
    state.set(
      found.state.subarray(0, algorithm.stateSize(held) || algorithm.variable?.sizeOf(found.state, 0)),
      layout.offsets[i],
    )
  })
  kept.forEach((one, i) => {
    state.set(one.state, layout.offsets[to.rules.length + i])
  })
  return { layout, state, mustSave, full }
}

function isOf({ identity }: Rule, { rule }: Stored): boolean {
  return rule.identity.id === identity.id && rule.identity.text === identity.text
}

/** The rule as which a state lies in a record: one with more entries than its rule has room for lies as it did (G3). */
function holderOf(rule: Rule, own: Stored | undefined): Rule {
  const { algorithm, terms } = rule
  if (own === undefined || algorithm.variable === undefined) return rule
  const room = algorithm.stateSize(terms)
  return room > 0 && algorithm.variable.sizeOf(own.state, 0) > room ? own.rule : rule
}

function isFuture({ algorithm, terms }: Rule, { state }: Stored, now: number): boolean {
  return algorithm.isFuture(terms, state, 0, now)
}

function recoversAt({ rule: { algorithm, terms }, state }: Stored): number {
  return algorithm.recoversAt(terms, state, 0)
}

/** Whether a state was spent from later than another; by id where that is the same. */
function isLater(a: Stored, b: Stored): boolean {
  const [mine, theirs] = [a.rule.algorithm.spentAt(a.state, 0), b.rule.algorithm.spentAt(b.state, 0)]
  return mine === theirs ? a.rule.identity.id > b.rule.identity.id : mine > theirs
}

/** Names may be new with every configuration: of all that stays beside, only so much does. */
function latestOf(kept: readonly Stored[]): readonly Stored[] {
  if (kept.length <= BESIDE_MAX) return kept
  return kept.filter((one) => kept.filter((other) => isLater(other, one)).length < BESIDE_MAX)
}

function namesakes({ identity }: Rule, others: readonly Stored[]): Stored[] {
  return others.filter(({ rule }) => rule.identity.name === identity.name)
}

/** Whether a state has to go, since four others of its name were spent from later. */
function isSupplanted(one: Stored, rules: readonly Rule[], others: readonly Stored[]): boolean {
  if (!rules.some(({ identity }) => identity.name === one.rule.identity.name)) return false
  return namesakes(one.rule, others).filter((other) => isLater(other, one)).length >= WINDOWS_MAX - 1
}

/** Begins a new rate with what the latest one of its name has used, if that is no longer in force; whether it was. */
function carry(
  rule: Rule,
  others: readonly Stored[],
  { inForce }: Budget,
  target: Float64Array,
  now: number,
): boolean {
  const { algorithm, terms } = rule
  if (algorithm.carry === undefined) return false
  const [first, ...rest] = namesakes(rule, others).filter((one) => one.rule.algorithm.kind === algorithm.kind)
  if (first === undefined) return false
  const latest = rest.reduce((best, one) => (isLater(one, best) ? one : best), first)
  const isByCall = at(latest.state, 0) % 2 === 1
  if (isByCall || inForce.has(latest.rule.identity.id)) return false
  const source = latest.state.slice()
  algorithm.advance(latest.rule.terms, source, 0, now)
  algorithm.carry(latest.rule.terms, source, terms, target, 0, now)
  return true
}

/** For rates that came with a call: when the first of the others of its name recovers, where five hold state with it. */
function fullFor(
  rules: readonly Rule[],
  missing: readonly Rule[],
  others: readonly Stored[],
): Adopted['full'] {
  const full = rules.map((rule) => {
    const rivals = rule.byCall && missing.includes(rule) ? namesakes(rule, others) : []
    const own = rules.filter(({ identity }) => identity.name === rule.identity.name).length - 1
    return rivals.length === 0 || rivals.length + own < WINDOWS_MAX ? 0 : Math.min(...rivals.map(recoversAt))
  })
  return full.some((time) => time > 0) ? full : null
}
