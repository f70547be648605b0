import type { Budget } from '../../core/budget.ts'
import { getOrAdd } from '../../core/get-or-add.ts'
import { shareOf } from './share.ts'

/** The share of one budget for a count of replicas. */
export interface Share {
  /** What the local store judges by. */
  readonly state: Budget
  /** What decisions and receipts say: the numbers of the share, under the identities of the rules it stands for. */
  readonly told: Budget
}

interface Known {
  readonly share: Share
  readonly turn: number
}

/** The shares of all budgets. A bucket's rate changes with the count of replicas, and begins with what the last one used (G12). */
export class Shares {
  readonly #fallbackId: string
  readonly #known = new WeakMap<Budget, Known>()
  /** Identities of shares by the identities of the rules they stand for, of one count of replicas. */
  #ids = new Map<number, Set<number>>()
  #replicas = 0
  /** Grows when shares of before may say wrongly what is in force. */
  #turn = 0

  constructor(fallbackId: string) {
    this.#fallbackId = fallbackId
  }

  of(budget: Budget, replicas: number): Share {
    if (replicas !== this.#replicas) this.#begin(replicas)
    const known = this.#known.get(budget)
    if (known?.turn === this.#turn) return known.share
    const state = shareOf(budget, replicas)
    this.#note(budget, state)
    const share = this.#shareOf(budget, { ...state, inForce: this.#inForce(budget, state) })
    this.#known.set(budget, { share, turn: this.#turn })
    return share
  }

  #begin(replicas: number): void {
    this.#replicas = replicas
    this.#ids = new Map()
    this.#turn++
  }

  #note({ rules }: Budget, state: Budget): void {
    rules.forEach(({ identity, byCall }, i) => {
      // A call's own rates carry nothing to others.
      if (byCall) return
      const ids = getOrAdd(this.#ids, identity.id, () => new Set<number>())
      const { id } = (state.rules[i] as (typeof rules)[number]).identity
      if (!ids.has(id)) this.#turn++
      ids.add(id)
    })
  }

  /**
   * Shares of other identities in force are budgets of their own. Another limit of the same identity is the same
   * budget to the store, so its share begins with what this one used, and the other way around.
   */
  #inForce(budget: Budget, state: Budget): ReadonlySet<number> {
    const own = new Set(budget.rules.map(({ identity }) => identity.id))
    const others = [...budget.inForce].filter((id) => !own.has(id))
    const ids = others.flatMap((id) => [...(this.#ids.get(id) ?? [])])
    return new Set([...ids, ...state.inForce])
  }

  #shareOf(budget: Budget, state: Budget): Share {
    const rules = state.rules.map((rule, i) => ({ ...rule, identity: (budget.rules[i] ?? rule).identity }))
    return { state, told: { ...state, rules, fallbackId: this.#fallbackId } }
  }
}
