import { type Budget, budgetOf } from '../../src/core/budget.ts'
import { getOrAdd } from '../../src/core/get-or-add.ts'
import type { Rule } from '../../src/core/rule.ts'
import { CALL_RATES } from '../../src/core/state-identity.ts'
import type { Random } from './random.ts'
import { changeRule, compileDraft, type Draft, draftRule, moveWindow, scales } from './random-rules.ts'

const RULES = ['a', 'b', 'constructor']
const CALL_RATES_KEPT = 8
const CHANGES_OF_ORDER = 3
const SHADES = 16
/** Of 100 policies, how many ban. */
const BANNING = 25

/** One configuration of a policy: what its calls are asked by, and what those that an override matches are. */
interface Configuration {
  readonly base: Budget
  readonly overrides: readonly Budget[]
}

/** A policy whose configuration changes, while some callers still use the one before. */
export class RandomPolicy {
  readonly name: string
  readonly #random: Random
  readonly #scale: number
  /** How often a call is asked by an override, or brings rates of its own, in 100. */
  readonly #variety: number
  /** How often a call is judged in shadow or with overdraw, in 100. */
  readonly #shading: number
  readonly #calls: (readonly Draft[])[] = []
  /** Budgets keep what stores know of them, so each is made once. */
  readonly #shadedBudgets = new WeakMap<Budget, Map<number, Budget>>()
  #bans: Budget['bans']
  #drafts: readonly Draft[]
  #current: Configuration
  #previous: Configuration

  constructor(name: string, random: Random, { scale, variety }: { scale: number; variety: number }) {
    this.name = name
    this.#random = random
    this.#scale = scale
    this.#variety = variety
    this.#shading = random.pick([0, 0, 30, 80])
    this.#bans = random.percent(BANNING) ? this.#randomBans() : undefined
    const { drafts, configuration } = this.#begin()
    this.#drafts = drafts
    this.#current = configuration
    this.#previous = configuration
  }

  /** The budget of a call: mostly as configured now, and some of it only counting. */
  budget(): Budget {
    const budget = this.#judging()
    return this.#random.percent(this.#shading) ? this.#shaded(budget) : budget
  }

  #judging(): Budget {
    const random = this.#random
    const { base, overrides } = random.percent(88) ? this.#current : this.#previous
    if (!random.percent(this.#variety)) return base
    if (overrides.length > 0 && random.percent(60)) return random.pick(overrides)
    return this.#withRates() ?? base
  }

  /** Rewrites the configuration; callers may use the one before until the next time. */
  change(): void {
    const random = this.#random
    const drafts = [...this.#drafts]
    const index = random.below(drafts.length)
    const roll = random.below(10)
    const free = RULES.find((name) => !drafts.some((rule) => rule.name === name))
    if (roll === 0) drafts.reverse()
    else if (roll === 1 && drafts.length > 1) drafts.splice(index, 1)
    else if (roll === 2 && free !== undefined) drafts.unshift(draftRule(random, free, this.#scale))
    else if (roll >= CHANGES_OF_ORDER) drafts[index] = changeRule(random, drafts[index] as Draft, this.#scale)
    if (random.percent(BANNING)) this.#bans = random.percent(50) ? this.#randomBans() : undefined
    const configuration = this.#configure(drafts)
    if (configuration === null) return
    this.#drafts = drafts
    this.#previous = this.#current
    this.#current = configuration
  }

  #begin(): { drafts: readonly Draft[]; configuration: Configuration } {
    const names = RULES.slice(0, this.#random.pick([1, 1, 1, 2, 3]))
    const drafts = names.map((rule) => draftRule(this.#random, rule, this.#scale))
    const configuration = this.#configure(drafts)
    return configuration === null ? this.#begin() : { drafts, configuration }
  }

  #configure(drafts: readonly Draft[]): Configuration | null {
    const rules = compileAll(drafts)
    if (rules === null) return null
    const count = this.#variety === 0 ? 0 : this.#random.between(1, 6)
    const overrides = Array.from({ length: count }, () => compileAll(this.#moved(drafts))).filter(
      (some) => some !== null,
    )
    const inForce = [rules, ...overrides].flat()
    return {
      base: this.#budgetOf(rules, inForce),
      overrides: overrides.map((some) => this.#budgetOf(some, inForce)),
    }
  }

  /** Rates that come with the call: of the policy's rules, or unnamed ones; mostly some that came before. */
  #withRates(): Budget | null {
    const isUnnamed = this.#random.percent(50)
    if (this.#calls.length < CALL_RATES_KEPT || this.#random.percent(5))
      this.#calls.unshift(this.#moved(this.#drafts))
    this.#calls.length = Math.min(this.#calls.length, CALL_RATES_KEPT)
    const drafts = this.#random.pick(this.#calls)
    const rules = drafts.map((draft) => {
      return compileDraft(draft, { byCall: true, stateName: isUnnamed ? CALL_RATES : draft.name })
    })
    if (rules.includes(null)) return null
    const identities = new Set(rules.map((rule) => rule?.identity.text))
    if (identities.size < rules.length) return null
    const { base, overrides } = this.#current
    const inForce = [base, ...overrides].flatMap((budget) => budget.rules)
    return this.#budgetOf(rules as Rule[], inForce)
  }

  #budgetOf(rules: readonly Rule[], inForce: readonly Rule[]): Budget {
    return { ...budgetOf(this.name, rules, { inForce }), bans: this.#bans }
  }

  #randomBans(): number[] {
    const longestMs = scales[this.#scale]?.[0] ?? 1
    return Array.from({ length: this.#random.between(1, 3) }, () => 1000 * this.#random.between(1, longestMs))
  }

  /** The budget with the policy in shadow, some of its rules in shadow, or overdraw. */
  #shaded(budget: Budget): Budget {
    const which = this.#random.below(SHADES)
    const made = getOrAdd(this.#shadedBudgets, budget, () => new Map<number, Budget>())
    return getOrAdd(made, which, () => shade(budget, which))
  }

  #moved(drafts: readonly Draft[]): Draft[] {
    const random = this.#random
    return drafts.map((draft) => (random.percent(75) ? moveWindow(random, draft, this.#scale) : draft))
  }
}

/** By its bits: whether a policy is in shadow, has overdraw, and which of its first two rules are in shadow alone. */
function shade(budget: Budget, which: number): Budget {
  const has = (bit: number): boolean => (which & (1 << bit)) > 0
  const enforces = !has(0)
  const overdraw = has(1)
  const rules = budget.rules.map((rule, i) => {
    // Rates of calls are never in shadow by themselves, and without any other rule nothing would be denied.
    const isLast = i === budget.rules.length - 1
    const isAlone = i < 2 && has(i + 2) && !rule.byCall && !(enforces && isLast)
    return isAlone ? { ...rule, shadow: true } : rule
  })
  const hasShadow = !enforces || rules.some(({ shadow }) => shadow)
  // What is in shadow is no offence.
  return { ...budget, rules, enforces, overdraw, hasShadow, bans: enforces ? budget.bans : undefined }
}

function compileAll(drafts: readonly Draft[]): Rule[] | null {
  const rules = drafts.map((draft) => compileDraft(draft))
  return rules.includes(null) ? null : (rules as Rule[])
}
