import type { Budget } from '../../core/budget.ts'
import { getOrAdd } from '../../core/get-or-add.ts'
import type { Rule } from '../../core/rule.ts'
import { layoutName } from '../local/record-layout.ts'
import { randomSeed, type Seed, seedOfPolicy } from '../local/siphash.ts'
import { Table } from './hash-table.ts'
import { createLayout, type Layout } from './layout.ts'

/** The hash seed of one policy, and the tables that may hold its records. */
export interface PolicyTables {
  readonly seed: Seed
  readonly tables: Set<Table>
  readonly overflows: Set<Table>
}

/** What the store keeps of a budget. */
export interface BudgetLayout {
  readonly policy: PolicyTables
  readonly layout: Layout
}

/** Layouts, and policies, from which on unused ones are purged. */
const PURGE_MIN = 1024

/** Interns layouts by their rules' identities, tables by width, and what the budgets of a policy share by its name. */
export class Layouts {
  readonly tables: Map<number, Pick<Layout, 'table' | 'overflow'>> = new Map()
  readonly #byName = new Map<string, Layout>()
  readonly #byId = new Map<number, Layout>()
  /** Budgets hold them: names that come with one configuration and go with the next would be ever more. */
  readonly #policies = new Map<string, WeakRef<PolicyTables>>()
  readonly #budgets = new WeakMap<Budget, BudgetLayout>()
  #seed: Seed | undefined
  #lastId = 0
  #purgeAt = PURGE_MIN
  #purgePoliciesAt = PURGE_MIN
  /** Whether a policy may have been forgotten whose records are still there. */
  #hasForgotten: boolean

  /** Without a seed it makes one. `hasRecords`: whether its tables are to hold records of policies before any of them is asked for. */
  constructor(seed?: Seed, hasRecords = false) {
    this.#seed = seed
    this.#hasForgotten = hasRecords
  }

  /** Made when first asked for: Workers have no random numbers before a request. */
  get seed(): Seed {
    this.#seed ??= randomSeed()
    return this.#seed
  }

  /** The tables and the layout of a budget. */
  of(budget: Budget): BudgetLayout {
    const known = this.#budgets.get(budget)
    if (known?.layout.live === true) return known
    const policy = this.#tablesOfPolicy(budget.policy)
    const layout = this.intern(budget.rules)
    policy.tables.add(layout.table)
    policy.overflows.add(layout.overflow)
    const entry = { policy, layout }
    this.#budgets.set(budget, entry)
    return entry
  }

  /** The layout whose id a record has. */
  byId(id: number): Layout {
    return this.#byId.get(id) as Layout
  }

  /** The one layout of these rules. */
  intern(rules: readonly Rule[]): Layout {
    const name = layoutName(rules)
    return getOrAdd(this.#byName, name, () => {
      const layout = createLayout(rules, ++this.#lastId, (width) => this.#tablesOfWidth(width))
      this.#byId.set(layout.id, layout)
      return layout
    })
  }

  /** Purges unused layouts when there are many; returns whether it did. Not within a decision, which may hold some. */
  purgeIfMany(): boolean {
    const isMany = this.#byId.size >= this.#purgeAt
    if (isMany) this.#purge()
    return isMany
  }

  /** Drops layouts that no record has: limits computed for every request would make ever more of them. */
  #purge(): void {
    const used = new Set<number>()
    for (const { table, overflow } of this.tables.values()) {
      for (const one of [table, overflow]) one.forEachRecord((_, __, layout) => used.add(layout))
    }
    for (const [id, layout] of this.#byId) {
      if (used.has(id)) continue
      layout.live = false
      this.#byId.delete(id)
      this.#byName.delete(layout.name)
    }
    this.#purgeAt = Math.max(PURGE_MIN, this.#byId.size * 2)
  }

  #tablesOfWidth(width: number): Pick<Layout, 'table' | 'overflow'> {
    return getOrAdd(this.tables, width, () => ({ table: new Table(width), overflow: new Table(width) }))
  }

  #tablesOfPolicy(name: string): PolicyTables {
    const known = this.#policies.get(name)?.deref()
    if (known !== undefined) return known
    if (this.#policies.has(name)) this.#hasForgotten = true
    else if (this.#policies.size >= this.#purgePoliciesAt) this.#purgePolicies()
    const seed = seedOfPolicy(name, this.seed)
    // Its records may be in any table, if it was here before.
    const pairs = this.#hasForgotten ? [...this.tables.values()] : []
    const tables = new Set(pairs.map(({ table }) => table))
    const policy = { seed, tables, overflows: new Set(pairs.map(({ overflow }) => overflow)) }
    this.#policies.set(name, new WeakRef(policy))
    return policy
  }

  /** Drops policies of which no budget is left. */
  #purgePolicies(): void {
    for (const [name, policy] of this.#policies) {
      if (policy.deref() !== undefined) continue
      this.#policies.delete(name)
      this.#hasForgotten = true
    }
    this.#purgePoliciesAt = Math.max(PURGE_MIN, this.#policies.size * 2)
  }
}
