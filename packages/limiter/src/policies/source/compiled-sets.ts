import type { PolicyOptions } from '../../core/policy-options.ts'
import type { ReceiptOrigin } from '../../core/receipt.ts'
import type { PolicyContext } from '../compile-policy.ts'
import type { PolicyBudget } from '../policy-budget.ts'
import { PolicySet } from '../policy-set.ts'

/** Compiled policies, one set for all keys with the same: most customers have one of few plans. */
export class CompiledSets {
  readonly #context: PolicyContext
  readonly #byText = new Map<string, Shared>()
  readonly #texts = new WeakMap<PolicySet, string>()

  constructor(context: PolicyContext) {
    this.#context = context
  }

  /** The compiled set of these policies, held until `drop`; what is as in `previous` keeps its budgets. */
  hold(policies: readonly PolicyOptions[], previous: PolicySet | null): PolicySet {
    const text = JSON.stringify(policies)
    const shared = this.#byText.get(text) ?? {
      set: new PolicySet(
        { policies: JSON.parse(text) as PolicyOptions[] },
        this.#context,
        previous ?? undefined,
      ),
      holders: 0,
    }
    shared.holders++
    this.#byText.set(text, shared)
    this.#texts.set(shared.set, text)
    return shared.set
  }

  /** Ends one `hold`. */
  drop(set: PolicySet | null): void {
    if (set === null) return
    const text = this.#texts.get(set) as string
    const shared = this.#byText.get(text)
    if (shared === undefined || --shared.holders > 0) return
    this.#byText.delete(text)
  }

  /** The budget of a receipt in the first set that has all of its rules. */
  findBudget(origin: ReceiptOrigin, key: string): PolicyBudget | undefined {
    let some: PolicyBudget | undefined
    for (const { set } of this.#byText.values()) {
      const found = set.findBudget(origin, key)
      if (found !== undefined && origin.rules.every((rule) => found.origin.rules.includes(rule))) return found
      some ??= found
    }
    return some
  }
}

interface Shared {
  readonly set: PolicySet
  /** How many keys have it. */
  holders: number
}
