import type { Budget } from '../../core/budget.ts'
import { getOrAdd } from '../../core/get-or-add.ts'
import type { Rule } from '../../core/rule.ts'
import { Table } from './hash-table.ts'
import { describe, type Layout, layoutName } from './layout.ts'
import { fingerprint, hash, type Seed } from './siphash.ts'

/** Everything kept of one policy: what its keys are hashed with and where its records may lie. */
export interface Space {
  readonly seed: Seed
  readonly tables: Set<Table>
  readonly overflows: Set<Table>
}

/** A budget as the store knows it. */
export interface Scope {
  readonly space: Space
  readonly layout: Layout
}

const PURGE_FLOOR = 1024

/** Interns layouts by their rules' identities, tables by width and spaces by policy. */
export class Layouts {
  readonly tables: Map<number, Pick<Layout, 'table' | 'overflow'>> = new Map()
  readonly #byName = new Map<string, Layout>()
  readonly #byId = new Map<number, Layout>()
  readonly #spaces = new Map<string, Space>()
  readonly #scopes = new WeakMap<Budget, Scope>()
  readonly #seed: Seed
  #lastId = 0
  #purgeAt = PURGE_FLOOR

  constructor(seed: Seed) {
    this.#seed = seed
  }

  /** The space and layout of a budget. */
  scope(budget: Budget): Scope {
    const known = this.#scopes.get(budget)
    if (known?.layout.live === true) return known
    const scope = { space: this.#space(budget.policy), layout: this.intern(budget.rules) }
    scope.space.tables.add(scope.layout.table)
    scope.space.overflows.add(scope.layout.overflow)
    this.#scopes.set(budget, scope)
    return scope
  }

  /** The layout of a number found in a record. */
  byId(id: number): Layout {
    return this.#byId.get(id) as Layout
  }

  /** The one layout of these rules. */
  intern(rules: readonly Rule[]): Layout {
    const name = layoutName(rules)
    return getOrAdd(this.#byName, name, () => {
      const layout = describe(name, rules, ++this.#lastId, (width) => this.#tablesOf(width))
      this.#byId.set(layout.id, layout)
      return layout
    })
  }

  /** Forgets layouts when there are many; answers whether it did. Not within a decision, which may use them. */
  tidy(): boolean {
    const many = this.#byId.size >= this.#purgeAt
    if (many) this.#purge()
    return many
  }

  /** Forgets layouts that no record has: limits computed for every request must not pile up. */
  #purge(): void {
    const used = new Set<number>()
    for (const { table, overflow } of this.tables.values()) {
      table.collectLayouts(used)
      overflow.collectLayouts(used)
    }
    for (const [id, layout] of this.#byId) {
      if (used.has(id)) continue
      layout.live = false
      this.#byId.delete(id)
      this.#byName.delete(layout.name)
    }
    this.#purgeAt = Math.max(PURGE_FLOOR, this.#byId.size * 2)
  }

  #tablesOf(width: number): Pick<Layout, 'table' | 'overflow'> {
    return getOrAdd(this.tables, width, () => ({ table: new Table(width), overflow: new Table(width) }))
  }

  #space(policy: string): Space {
    return getOrAdd(this.#spaces, policy, () => {
      hash(policy, this.#seed)
      const seed = { k0: fingerprint.low, k1: fingerprint.high }
      return { seed, tables: new Set(), overflows: new Set() }
    })
  }
}
