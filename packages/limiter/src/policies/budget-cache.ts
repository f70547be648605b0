import type { PolicyBudget } from './policy-budget.ts'

/** Most budgets cached; the least recently used is dropped. */
const BUDGETS_MAX = 1000

/** Budgets of rates and rules that came with calls, so that they are compiled once. */
export class BudgetCache {
  /** In the order of use, the least recent first. */
  readonly #budgets = new Map<string, PolicyBudget>()

  /** The budget of `source`, which says all that it is compiled from. */
  get(source: unknown, compile: () => PolicyBudget): PolicyBudget {
    const id = idOf(source)
    const cached = this.#budgets.get(id)
    // Re-inserted at the end, so that the first one is the least recently used.
    this.#budgets.delete(id)
    const budget = cached ?? compile()
    this.#budgets.set(id, budget)
    if (this.#budgets.size > BUDGETS_MAX) this.#dropOldest()
    return budget
  }

  #dropOldest(): void {
    const [oldest] = this.#budgets.keys()
    this.#budgets.delete(oldest as string)
  }
}

function idOf(source: unknown): string {
  try {
    return JSON.stringify(source)
  } catch {
    // JSON cannot write a bigint. Compiling refuses it as a limit; here it only has to be part of the id.
    return JSON.stringify(source, (_, value) => (typeof value === 'bigint' ? `${value}n` : value))
  }
}
