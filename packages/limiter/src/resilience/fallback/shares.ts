import type { Budget } from '../../core/budget.ts'
import { getOrAdd } from '../../core/get-or-add.ts'
import { shareOf } from './share.ts'

/** One replica's share of a budget. */
export interface Share {
  /** The budget by which the fallback's store judges. */
  readonly judged: Budget
  /** The budget that decisions and receipts report: numbers of the share, identities of the original rules. */
  readonly reported: Budget
}

interface CachedShare {
  readonly share: Share
  readonly version: number
}

/**
 * The shares of all budgets, made once for each count of replicas. When the count changes, a share gets another rate,
 * and starts with what the previous one has used (G12).
 */
export class Shares {
  readonly #fallbackId: string
  readonly #cached = new WeakMap<Budget, CachedShare>()
  /** Ids of the identities of shares, by id of the original rule's identity; for the current count of replicas. */
  #ids = new Map<number, Set<number>>()
  #replicas = 0
  /** Incremented when `inForce` of shares made before may be out of date. */
  #version = 0

  constructor(fallbackId: string) {
    this.#fallbackId = fallbackId
  }

  of(budget: Budget, replicas: number): Share {
    if (replicas !== this.#replicas) this.#startOver(replicas)
    const cached = this.#cached.get(budget)
    if (cached?.version === this.#version) return cached.share
    const judged = shareOf(budget, replicas)
    this.#recordIds(budget, judged)
    const share = this.#shareOf(budget, { ...judged, inForce: this.#inForce(budget, judged) })
    this.#cached.set(budget, { share, version: this.#version })
    return share
  }

  #startOver(replicas: number): void {
    this.#replicas = replicas
    this.#ids = new Map()
    this.#version++
  }

  #recordIds({ rules }: Budget, judged: Budget): void {
    rules.forEach(({ identity, byCall }, i) => {
      // A rate that came with a call is never carried over.
      if (byCall) return
      const ids = getOrAdd(this.#ids, identity.id, () => new Set<number>())
      const { id } = (judged.rules[i] as (typeof rules)[number]).identity
      if (!ids.has(id)) this.#version++
      ids.add(id)
    })
  }

  /**
   * The identities in force beside a share: shares of other identities in force, which are budgets of their own.
   * Shares of another limit of the same identity are left out: to the store that is the same budget, so each starts
   * with what the other has used.
   */
  #inForce(budget: Budget, judged: Budget): ReadonlySet<number> {
    const own = new Set(budget.rules.map(({ identity }) => identity.id))
    const others = [...budget.inForce].filter((id) => !own.has(id))
    const ids = others.flatMap((id) => [...(this.#ids.get(id) ?? [])])
    return new Set([...ids, ...judged.inForce])
  }

  #shareOf(budget: Budget, judged: Budget): Share {
    const rules = judged.rules.map((rule, i) => ({ ...rule, identity: (budget.rules[i] ?? rule).identity }))
    return { judged, reported: { ...judged, rules, fallbackId: this.#fallbackId } }
  }
}
