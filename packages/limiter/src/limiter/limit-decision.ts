import { NEVER } from '../core/algorithm.ts'
import { unboxed } from '../core/arithmetic.ts'
import type { Reason, RuleView, ShadowView, Source } from '../core/decision.ts'
import type { Rule } from '../core/rule.ts'
import { VERDICT, type Verdicts } from '../core/store.ts'
import type { Target } from '../policies/policy-set.ts'
import { encodeReceipt, nextSpend } from './receipt.ts'

/** One target with the units asked of it. */
export type Draw = Target & { readonly cost: number }

const NO_SHADOW: readonly ShadowView[] = Object.freeze([])

/**
 * A decision read off a store's verdicts. Lists and receipt are made when asked for: most callers need neither, and
 * building them would cost more than the decision.
 */
export class LimitDecision {
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
  readonly #numbers: ArrayLike<number> | null
  readonly #now: number
  /** Number of the spend: 0 for none, -1 until a receipt asks for it. */
  #spend: number

  constructor(draws: readonly Draw[] | Draw, cost: number, spends: boolean, verdicts: Verdicts) {
    const { numbers } = verdicts
    const lone = !Array.isArray(draws)
    const draw = (lone ? draws : draws[0]) as Draw
    const single = (lone || draws.length === 1) && draw.budget.rules.length === 1
    const at = single ? 0 : bindingAt(listOf(draws), numbers)
    const wait = numbers[at] as number
    const bound = single ? draw : drawAt(listOf(draws), at)
    const rule = (single ? draw.budget.rules[0] : ruleAt(listOf(draws), at)) as Rule
    this.allowed = wait === 0
    this.reason = wait === 0 ? 'within-limit' : wait === NEVER ? 'cost-exceeds-capacity' : 'limited'
    this.source = verdicts.source
    this.policy = bound.budget.policy
    this.rule = rule.name
    this.limit = rule.capacity
    this.remaining = unboxed(numbers[at + 1] as number)
    this.cost = cost
    this.retryAfterMs = wait === 0 ? 0 : wait === NEVER ? null : wait / 1000
    this.resetAfterMs = (numbers[at + 2] as number) / 1000
    this.shadow = NO_SHADOW
    this.#draws = draws
    // A store may reuse its array; what one rule needs is in the fields above.
    this.#numbers = single ? null : copyOf(listOf(draws), numbers)
    this.#now = verdicts.now
    this.#spend = wait === 0 && spends ? -1 : 0
  }

  /** Every rule judged, in the order of the policies. */
  get rules(): readonly RuleView[] {
    const views: RuleView[] = []
    for (const { budget } of listOf(this.#draws)) {
      for (const rule of budget.rules) views.push(this.#view(budget.policy, rule, views.length * VERDICT))
    }
    return views
  }

  /** Proof of the spend; null when nothing was spent. */
  get receipt(): string | null {
    if (this.#spend === 0) return null
    if (this.#spend < 0) this.#spend = nextSpend()
    let at = 0
    const entries = listOf(this.#draws).map(({ budget, key, cost }) => ({
      policy: budget.policy,
      origin: budget.origin,
      place: budget.place,
      key,
      cost,
      resets: budget.rules.map((rule): [string, number] => {
        const resetUs = this.#numbers?.[at + 2] ?? Math.round((this.resetAfterMs ?? 0) * 1000)
        at += VERDICT
        return [rule.name, this.#now + resetUs]
      }),
    }))
    return encodeReceipt({ spend: this.#spend, takenAtUs: this.#now, entries })
  }

  /** All fields, those made on demand included. */
  toJSON(): object {
    return { ...this, rules: this.rules, receipt: this.receipt }
  }

  #view(policy: string, rule: Rule, at: number): RuleView {
    const rate = { limit: rule.limit, windowMs: rule.windowMs }
    const base = { policy, rule: rule.name, limit: rule.capacity, rate }
    const numbers = this.#numbers
    if (numbers === null) {
      const { remaining, retryAfterMs, resetAfterMs } = this
      return { ...base, remaining: remaining ?? 0, retryAfterMs, resetAfterMs: resetAfterMs ?? 0 }
    }
    const wait = numbers[at] as number
    return {
      ...base,
      remaining: numbers[at + 1] as number,
      retryAfterMs: wait === NEVER ? null : wait / 1000,
      resetAfterMs: (numbers[at + 2] as number) / 1000,
    }
  }
}

/** A decision while no store could judge, as the policies want it. */
export function unjudgedDecision({ source, numbers }: Verdicts, cost: number): object {
  const [wait = 0] = Array.from(numbers)
  const decision = unaskedDecision(wait === 0, 'store-unavailable', cost)
  return { ...decision, source, retryAfterMs: wait / 1000 }
}

/** A decision that no store was asked for: nothing matched, a limit of 0, or the limiter is switched off. */
export function unaskedDecision(
  allowed: boolean,
  reason: Reason,
  cost: number,
  closed: RuleView | null = null,
): object {
  return {
    allowed,
    reason,
    source: 'none',
    policy: closed?.policy ?? null,
    rule: closed?.rule ?? null,
    limit: closed?.limit ?? null,
    remaining: closed?.remaining ?? null,
    cost,
    retryAfterMs: allowed ? 0 : null,
    resetAfterMs: null,
    rules: closed === null ? [] : [closed],
    shadow: NO_SHADOW,
    receipt: null,
  }
}

/** What a rule with a limit of 0 says of every decision. */
export function closedView(policy: string, { name, windowMs }: Rule): RuleView {
  const rate = { limit: 0, windowMs }
  return { policy, rule: name, limit: 0, rate, remaining: 0, retryAfterMs: null, resetAfterMs: 0 }
}

function listOf(draws: readonly Draw[] | Draw): readonly Draw[] {
  return Array.isArray(draws) ? draws : [draws as Draw]
}

function copyOf(draws: readonly Draw[], numbers: ArrayLike<number>): number[] {
  const copy: number[] = []
  const end = verdictsEnd(draws)
  for (let at = 0; at < end; at++) copy.push(numbers[at] as number)
  return copy
}

function verdictsEnd(draws: readonly Draw[]): number {
  let rules = 0
  for (const { budget } of draws) rules += budget.rules.length
  return rules * VERDICT
}

/** The verdict that decides: the longest wait, never being longest, or else the least remaining. */
function bindingAt(draws: readonly Draw[], numbers: ArrayLike<number>): number {
  const end = verdictsEnd(draws)
  let best = 0
  for (let at = VERDICT; at < end; at += VERDICT) if (binds(numbers, at, best)) best = at
  return best
}

function binds(numbers: ArrayLike<number>, at: number, best: number): boolean {
  const mine = numbers[at] as number
  const theirs = numbers[best] as number
  if (mine === theirs) return (numbers[at + 1] as number) < (numbers[best + 1] as number)
  return theirs !== NEVER && (mine === NEVER || mine > theirs)
}

function drawAt(draws: readonly Draw[], at: number): Draw {
  let left = at / VERDICT
  for (const draw of draws) {
    if (left < draw.budget.rules.length) return draw
    left -= draw.budget.rules.length
  }
  return draws[0] as Draw
}

function ruleAt(draws: readonly Draw[], at: number): Rule {
  let left = at / VERDICT
  for (const { budget } of draws) {
    if (left < budget.rules.length) return budget.rules[left] as Rule
    left -= budget.rules.length
  }
  return (draws[0] as Draw).budget.rules[0] as Rule
}
