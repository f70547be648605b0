import { unknownCustom } from '../../core/algorithms/custom.ts'
import type { Budget } from '../../core/budget.ts'
import { getOrAdd } from '../../core/get-or-add.ts'
import type { Algorithms, Rule } from '../../core/rule.ts'
import { identityOf } from '../../core/state-identity.ts'
import { layoutName, type RecordLayout, recordLayout } from '../local/record-layout.ts'
import { fingerprint, hash, type Seed, seedOfPolicy } from '../local/siphash.ts'
import { standingRule } from '../local/standing-rule.ts'
import { ruleAgain, type StoredRule, storedRule } from '../local/stored-rule.ts'

/** A layout that all threads know by its fingerprint. */
export interface SharedLayout extends RecordLayout {
  readonly low: number
  /** Its two lowest bits are 01: see {@link OVERFLOW_BIT}. */
  readonly high: number
  /** Second since 1970 until which the record of its rules is known to last. No record of this layout may last longer. */
  keptUntil: number
}

/** What the store keeps of a budget. */
export interface BudgetLayout {
  readonly seed: Seed
  readonly layout: SharedLayout
}

/** Set in the layout of a record that newcomers share. */
export const OVERFLOW_BIT = 2
/** Layouts, and seeds, that one thread remembers. */
const REMEMBERED_MAX = 2048

/**
 * Layouts of one thread. Their fingerprints follow from their rules, so that threads agree without asking each other; a record of the
 * rules, which lasts as long as any record of the layout, is for threads with another configuration.
 */
export class SharedLayouts {
  readonly #seed: Seed
  readonly #byName = new Map<string, SharedLayout>()
  readonly #byFingerprint = new Map<string, SharedLayout>()
  readonly #seeds = new Map<string, Seed>()
  #budgets = new WeakMap<Budget, BudgetLayout>()

  constructor(seed: Seed) {
    this.#seed = seed
  }

  of(budget: Budget): BudgetLayout {
    const known = this.#budgets.get(budget)
    if (known !== undefined) return known
    const seed = getOrAdd(this.#seeds, budget.policy, () => seedOfPolicy(budget.policy, this.#seed))
    const entry = { seed, layout: this.intern(budget.rules) }
    this.#budgets.set(budget, entry)
    return entry
  }

  /** The one layout of these rules. */
  intern(rules: readonly Rule[]): SharedLayout {
    const name = layoutName(rules)
    return getOrAdd(this.#byName, name, () => {
      hash(name, this.#seed)
      const [low, high] = [fingerprint.low, (fingerprint.high & ~3) | 1]
      const layout = { ...recordLayout(rules), low, high, keptUntil: 0 }
      this.#byFingerprint.set(`${low} ${high}`, layout)
      return layout
    })
  }

  /** The layout of a record; undefined where this thread has not met it yet. */
  byFingerprint(low: number, high: number): SharedLayout | undefined {
    return this.#byFingerprint.get(`${low} ${high & ~OVERFLOW_BIT}`)
  }

  /** Learns the layout of which {@link textOf} was written. */
  learn(text: string): void {
    this.intern((JSON.parse(text) as RuleOfLayout[]).map(ruleOfLayout))
  }

  /** What another thread can learn a layout from. */
  textOf({ rules }: SharedLayout): string {
    return JSON.stringify(rules.map(describe))
  }

  /** Forgets most where names that come and go have made much of it; not within a decision, which may hold some. */
  forgetIfMany(): boolean {
    if (this.#byName.size < REMEMBERED_MAX && this.#seeds.size < REMEMBERED_MAX) return false
    this.#byName.clear()
    this.#byFingerprint.clear()
    this.#seeds.clear()
    this.#budgets = new WeakMap()
    return true
  }
}

/** A rule as another thread learns it. */
interface RuleOfLayout extends StoredRule {
  readonly kind: string
  readonly size: number
}

function describe(rule: Rule): RuleOfLayout {
  const { algorithm, terms } = rule
  return { ...storedRule(rule), kind: algorithm.kind, size: algorithm.stateSize(terms) }
}

const NO_CUSTOM: Algorithms = new Map()

/** Of a custom algorithm, which this thread may not have, as much as a layout needs. */
function ruleOfLayout(stored: RuleOfLayout): Rule {
  const rule = ruleAgain(stored, NO_CUSTOM)
  if (rule !== null) return rule
  const { name, identity: text, kind, size } = stored
  const algorithm = unknownCustom(kind, size)
  return { ...standingRule, name, algorithm, identity: identityOf(name, text) }
}
