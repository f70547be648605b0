import { planOf } from '../../core/budget.ts'
import type { Rule } from '../../core/rule.ts'
import type { Layout } from './layout.ts'
import type { Layouts } from './layouts.ts'

/** State of one rule as it was stored, brought forward to now under its own terms. */
interface Old {
  readonly rule: Rule
  readonly state: Float64Array
}

/**
 * Rewrites state stored under another layout (G12): rules are found by name and converted; rules that this budget
 * does not have, and that have not recovered, are kept behind its own, so that two configurations may take turns on
 * one key.
 */
export function adopt(
  from: Layout,
  stored: Float64Array,
  to: Layout,
  layouts: Layouts,
  now: number,
): Adopted {
  let ahead = false
  const old = from.rules.map((rule, i): Old => {
    const state = stored.subarray(from.offsets[i] as number)
    ahead ||= rule.algorithm.ahead(rule.terms, state, 0, now)
    settle(rule, state, now)
    return { rule, state }
  })
  const kept = old.filter(({ rule, state }) => {
    const mine = to.rules.some(({ name }) => name === rule.name)
    return !mine && rule.algorithm.reset(rule.terms, state, 0, now) > 0
  })
  const layout = kept.length === 0 ? to : union(to, kept, layouts)
  const state = new Float64Array(layout.span)
  layout.rules.forEach((rule, i) => {
    const source = old.find((one) => one.rule.name === rule.name)
    if (source !== undefined) convert(source, rule, state, layout.offsets[i] as number, now)
  })
  return { layout, state, ahead }
}

/** State in the form of `layout`; `ahead` when the stored one lay in the future. */
export interface Adopted {
  readonly layout: Layout
  readonly state: Float64Array
  readonly ahead: boolean
}

/** Brings an old state forward as Redis can, which does not know the edges of a calendar that is not asked for. */
function settle({ algorithm, terms }: Rule, state: Float64Array, now: number): void {
  if (algorithm.kind !== 'calendar') algorithm.judge(terms, state, 0, now, 0)
  else if (now >= (state[2] as number)) state[0] = 0
}

function union(to: Layout, kept: readonly Old[], layouts: Layouts): Layout {
  const rules = [...to.rules, ...kept.map(({ rule }) => rule)]
  return layouts.intern(planOf(rules), rules)
}

function convert(
  { rule: from, state: source }: Old,
  to: Rule,
  target: Float64Array,
  o: number,
  now: number,
): void {
  const { algorithm } = to
  if (algorithm.kind === from.algorithm.kind && algorithm.convert(from.terms, source, to.terms, target, o))
    return
  const units = from.algorithm.used(from.terms, source, 0, now)
  if (units === 0) return
  algorithm.judge(to.terms, target, o, now, 0)
  algorithm.spend(to.terms, target, o, now, units)
}
