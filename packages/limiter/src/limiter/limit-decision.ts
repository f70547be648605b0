import { NEVER } from '../core/algorithm.ts'
import { unboxed } from '../core/arithmetic.ts'
import type { Decision, Reason, RuleView, ShadowView, Source } from '../core/decision.ts'
import type { Rule } from '../core/rule.ts'
import { nextSpend } from '../core/spend-id.ts'
import { VERDICT, type Verdicts } from '../core/store.ts'
import type { Target } from '../policies/policy-set.ts'
import { encodeReceipt } from './receipt.ts'

/** One target with the units asked of it. */
export type Draw = Target & { readonly cost: number }

const NO_SHADOW: readonly ShadowView[] = Object.freeze([])
const UNJUDGED = { policy: null, rule: null, limit: null, remaining: null }

/** The decision on these draws; `spends` says whether what passes was spent. */
export function decisionOf(
  draws: readonly Draw[] | Draw,
  cost: number,
  spends: boolean,
  verdicts: Verdicts,
): Decision {
  const lone = !Array.isArray(draws)
  const { policy, rules } = ((lone ? draws : draws[0]) as Draw).budget
  const many = rules.length > 1 || (!lone && draws.length > 1)
  const binding = many
    ? survey(listOf(draws), verdicts.numbers)
    : { policy, rule: rules[0] as Rule, at: 0, kept: null }
  return new LimitDecision(draws, cost, spends, verdicts, binding) as unknown as Decision
}

/**
 * A decision read off a store's verdicts. Lists and receipt are made when asked for: most callers need neither, and
 * building them would cost more than the decision.
 */
class LimitDecision {
  // Declared, not defined: a defined field is written twice, and this constructor is the hot path.
  declare readonly allowed: boolean
  declare readonly reason: Reason
  declare readonly source: Source
  declare readonly policy: string | null
  declare readonly rule: string | null
  declare readonly limit: number | null
  declare readonly remaining: number | null
  declare readonly cost: number
  declare readonly retryAfterMs: number | null
  declare readonly resetAfterMs: number | null
  declare readonly shadow: readonly ShadowView[]
  readonly #draws: readonly Draw[] | Draw
  readonly #kept: readonly number[] | null
  /** The store's clock; those of all draws where there were several stores. */
  readonly #now: number | readonly number[]
  /** Number of the spend: 0 for none, -1 until a receipt asks for it. */
  #spend: number

  // Small, so that the engine makes a decision in one piece with the call that asks for it.
  constructor(
    draws: readonly Draw[] | Draw,
    cost: number,
    spends: boolean,
    verdicts: Verdicts,
    { policy, rule, at, kept }: Binding,
  ) {
    const numbers = kept ?? verdicts.numbers
    const wait = numbers[at] as number
    this.allowed = wait === 0
    this.reason = wait === 0 ? 'within-limit' : wait === NEVER ? 'cost-exceeds-capacity' : 'limited'
    this.source = verdicts.source
    this.policy = policy
    this.rule = rule.name
    this.limit = rule.capacity
    this.remaining = unboxed(numbers[at + 1] as number)
    this.cost = cost
    this.retryAfterMs = wait === NEVER ? null : wait / 1000
    this.resetAfterMs = (numbers[at + 2] as number) / 1000
    this.shadow = NO_SHADOW
    this.#draws = draws
    this.#kept = kept
    this.#now = verdicts.times ?? verdicts.now
    this.#spend = wait === 0 && spends ? -1 : 0
  }

  /** Every rule judged, in the order of the policies. */
  get rules(): readonly RuleView[] {
    const numbers = this.#verdicts()
    let at = 0
    return listOf(this.#draws).flatMap(({ budget: { policy, rules } }) =>
      rules.map((rule) => viewOf(policy, rule, numbers[at++], numbers[at++], numbers[at++])),
    )
  }

  /** Proof of the spend; null when nothing was spent. */
  get receipt(): string | null {
    if (this.#spend === 0) return null
    if (this.#spend < 0) this.#spend = nextSpend()
    const numbers = this.#verdicts()
    const times = this.#now
    let at = 0
    const entries = listOf(this.#draws).map(({ budget: { policy, origin, rules, place }, key, cost }, i) => {
      const now = typeof times === 'number' ? times : (times[i] as number)
      const resets = rules.map(({ name }) => [name, now + (numbers[VERDICT * at++ + 2] as number)] as const)
      const entry = [policy, origin.override, origin.limit, key, cost, now, resets] as const
      return place === undefined ? entry : ([...entry, place] as const)
    })
    return encodeReceipt(this.#spend, entries)
  }

  /** All fields, those made on demand included. */
  toJSON(): object {
    return { ...this, rules: this.rules, receipt: this.receipt }
  }

  /** The verdicts of all rules; those of a single one are in the fields. */
  #verdicts(): readonly number[] {
    const { retryAfterMs, remaining, resetAfterMs } = this
    const micros = (ms: number | null): number => (ms === null ? NEVER : Math.round(ms * 1000))
    return this.#kept ?? [micros(retryAfterMs), remaining as number, micros(resetAfterMs)]
  }
}

/** A decision while no store could judge, as the policies want it. */
export function unjudgedDecision({ source, numbers }: Verdicts, cost: number): object {
  const wait = numbers[0] as number
  const decision = unaskedDecision('store-unavailable', cost)
  return { ...decision, allowed: wait === 0, source, retryAfterMs: wait / 1000 }
}

/** A decision that no store was asked for: nothing matched, a limit of 0, or the limiter is switched off. */
export function unaskedDecision(reason: Reason, cost: number, closed?: RuleView): object {
  const { policy, rule, limit, remaining } = closed ?? UNJUDGED
  return {
    allowed: closed === undefined,
    reason,
    source: 'none',
    policy,
    rule,
    limit,
    remaining,
    cost,
    retryAfterMs: closed === undefined ? 0 : null,
    resetAfterMs: null,
    rules: closed === undefined ? [] : [closed],
    shadow: NO_SHADOW,
    receipt: null,
  }
}

/** What one verdict says of a rule; without one, what a rule with a limit of 0 says of every decision. */
export function viewOf(
  policy: string,
  rule: Rule,
  wait: number = NEVER,
  remaining = 0,
  resetUs = 0,
): RuleView {
  return {
    policy,
    rule: rule.name,
    limit: rule.capacity,
    rate: { limit: rule.limit, windowMs: rule.windowMs },
    remaining,
    retryAfterMs: wait === NEVER ? null : wait / 1000,
    resetAfterMs: resetUs / 1000,
  }
}

function listOf(draws: readonly Draw[] | Draw): readonly Draw[] {
  return Array.isArray(draws) ? draws : [draws as Draw]
}

/** The verdict that decides, and whose it is. */
interface Binding {
  readonly policy: string
  readonly rule: Rule
  readonly at: number
  /** A copy of all verdicts, since a store may reuse its array; null where the fields of the decision say it all. */
  readonly kept: readonly number[] | null
}

/** Copies all verdicts, and finds the one that decides: the longest wait, or else the least remaining. */
function survey(draws: readonly Draw[], from: ArrayLike<number>): Binding {
  const numbers: number[] = []
  let found: Binding | undefined
  for (const { budget } of draws) {
    for (const rule of budget.rules) {
      const at = numbers.length
      numbers.push(from[at] as number, from[at + 1] as number, from[at + 2] as number)
      if (found === undefined || binds(from, at, found.at))
        found = { policy: budget.policy, rule, at, kept: numbers }
    }
  }
  return found as Binding
}

/** Whether a verdict comes before the best so far; never is the longest wait. */
function binds(numbers: ArrayLike<number>, at: number, best: number): boolean {
  const mine = numbers[at] as number
  const theirs = numbers[best] as number
  if (mine === theirs) return (numbers[at + 1] as number) < (numbers[best + 1] as number)
  return theirs !== NEVER && (mine === NEVER || mine > theirs)
}
